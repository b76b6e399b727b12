"""Governance: who is left out, which lever brings them back by which method, at what price, and what it bears."""

from experiments.studies.governance.levers import LeverStudy
from experiments.studies.governance.played_levers import PlayedLevers
from experiments.studies.governance.stress import StressStudy

__all__ = ["LeverStudy", "PlayedLevers", "StressStudy"]
