"""Studies of platforms that push back."""
