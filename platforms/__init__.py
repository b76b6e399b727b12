"""Where accounts play."""
