"""A social platform: posts, readers, payoffs."""
