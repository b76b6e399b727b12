"""Who reads: members, whom they follow, what they are offered, and how they react."""
