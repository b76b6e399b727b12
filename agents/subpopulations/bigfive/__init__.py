"""The default subpopulations: the five Big Five trait groups, their words, their people, their adapters."""
