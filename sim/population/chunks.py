"""In what pieces the kernels of this package work."""

CHUNK = 4096
"""Accounts per piece of work. Fixed, so that no sum depends on the number of threads."""
