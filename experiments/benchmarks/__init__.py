"""Measurements against named peers in one run: `python -m experiments.benchmarks` writes docs/benchmarks.md."""
