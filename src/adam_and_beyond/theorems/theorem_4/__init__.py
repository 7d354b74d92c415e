"""Theorem 4: the regret of AMSGrad."""
