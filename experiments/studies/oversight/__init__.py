"""Studies of the oversight game: closed forms held against play, parametric agents, language models."""
