"""Worked examples: each script makes one picture of the documentation."""
