"""Studies of what language models answer for groups of people, and whom that leaves out."""
