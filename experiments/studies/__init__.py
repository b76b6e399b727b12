"""Studies: one claim, or one figure of the paper, a file."""
