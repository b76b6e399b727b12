"""Many configurations in one go: points of a grid, each an ordinary run, spread over processes or a Ray cluster."""
