"""Verifiable tasks: arithmetic graded by size, and short functions with unit tests."""
