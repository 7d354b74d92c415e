"""Theorem 6: Adam with an epsilon in its denominator."""
