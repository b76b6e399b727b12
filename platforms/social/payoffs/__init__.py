"""How the platform pays: each file pairs a post-level kernel with the (a, C, S) that is its exact expectation."""
