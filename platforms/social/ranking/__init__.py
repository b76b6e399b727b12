"""Feed rankings: which posts each reader is shown, and in which order."""
