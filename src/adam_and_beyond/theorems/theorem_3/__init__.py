"""Theorem 3: the same with independent losses, as in the paper and with the projection."""
