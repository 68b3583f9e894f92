"""Runs and comparisons, to look at."""
