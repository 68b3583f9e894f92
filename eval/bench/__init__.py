"""Timings of the product, as ratios against plain ways of doing the same on the same machine in the same minutes."""
