"""The oversight game: a solver, an auditor, and what a principal reaches by paying them."""

from sim.oversight.auditors import AuditTeam, TeamEquilibrium
from sim.oversight.becker import Deterrence
from sim.oversight.equilibria import Equilibrium, EquilibriumSet
from sim.oversight.events import AUDITED, AUDITOR_PAY, SOLVER_PAY, WRONG, Event, event_values
from sim.oversight.feasible import FeasibleSet, StaticProfile, best_static_profile, feasible_set, profile_for
from sim.oversight.inspection_game import InspectionGame
from sim.oversight.learners import Path, alternating, optimistic, simultaneous
from sim.oversight.noise import Noise
from sim.oversight.outcomes import OutcomeValues
from sim.oversight.profiles import PROFILES, RewardProfile, average_profile
from sim.oversight.quantal import QuantalEquilibrium, quantal_equilibrium
from sim.oversight.random_checks import CheckRates, deterring_check_rates
from sim.oversight.sampled_play import SampledPath, sampled_play
from sim.oversight.selection import KINDS, Rest, SelectionGame, Window
from sim.oversight.stability import (
    OPTIMISTIC_LIMIT,
    Motion,
    alternating_growth,
    conserved,
    linearise,
    optimistic_growth,
    simultaneous_growth,
)
from sim.oversight.statics import Statics, comparative_statics
from sim.oversight.thresholds import attempt_threshold, principal_threshold, solver_threshold

__all__ = [
    "AUDITED",
    "AUDITOR_PAY",
    "KINDS",
    "OPTIMISTIC_LIMIT",
    "PROFILES",
    "SOLVER_PAY",
    "WRONG",
    "AuditTeam",
    "CheckRates",
    "Deterrence",
    "Equilibrium",
    "EquilibriumSet",
    "Event",
    "FeasibleSet",
    "InspectionGame",
    "Motion",
    "Noise",
    "OutcomeValues",
    "Path",
    "QuantalEquilibrium",
    "Rest",
    "RewardProfile",
    "SampledPath",
    "SelectionGame",
    "StaticProfile",
    "Statics",
    "TeamEquilibrium",
    "Window",
    "alternating",
    "alternating_growth",
    "attempt_threshold",
    "average_profile",
    "best_static_profile",
    "comparative_statics",
    "conserved",
    "deterring_check_rates",
    "event_values",
    "feasible_set",
    "linearise",
    "optimistic",
    "optimistic_growth",
    "principal_threshold",
    "profile_for",
    "quantal_equilibrium",
    "sampled_play",
    "simultaneous",
    "simultaneous_growth",
    "solver_threshold",
]
