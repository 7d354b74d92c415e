"""Theorem 2: for every beta1 < sqrt(beta2) there is a period on which Adam fails."""
