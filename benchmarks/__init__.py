"""The benchmark: the engine beside every peer, in one run, on one machine.

``python -m benchmarks`` (or ``make bench``) prints a table of ratios and stores it. Every peer runs
in a process of its own, and its time counts only if its result is ours.
"""
