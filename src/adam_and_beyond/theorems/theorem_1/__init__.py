"""Theorem 1: three losses on which Adam stays at the worst point."""
