"""A second domain: the customer segments of a support desk, described in a file. An illustration, not data."""
