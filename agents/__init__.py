"""Who plays: language models, subpopulation models, accounts."""
