"""What is run: configuration, stages, run directory, report."""
