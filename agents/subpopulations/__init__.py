"""Human groups as language models: how they are voiced, checked, and asked for their opinions."""
