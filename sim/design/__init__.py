"""The principal's side: which incentives keep every group represented, what they cost, and what they bear."""

from sim.design.bloc import Bloc, adversarial_bloc, colluding_bloc, largest_bloc, pinned_bloc
from sim.design.implicit import EquilibriumSlope, directional, equilibrium_slope
from sim.design.intervention import Change, largest_threshold, smallest_change
from sim.design.levers import CoefficientLevers, Levers, MappedLevers
from sim.design.objective import Measures, Objective
from sim.design.optimise import Certificate, Design, best_design, certify, nearest_setting
from sim.design.pareto import (
    Front,
    effective_numbers,
    engagement_front,
    least_weights,
    most_engaging,
    non_dominated,
    swept_front,
)
from sim.design.price import UtilityParts, effective_groups, utility_parts
from sim.design.restoring import CertifiedChange, FeedbackSearch, ImplicitDescent, LeastPrice, Method, Restored, restore
from sim.design.safe import safe_values
from sim.design.stress import Entry, Tolerance, entry, joint_tolerance, tolerance, with_group, without_group

__all__ = [
    "Bloc",
    "Certificate",
    "CertifiedChange",
    "Change",
    "CoefficientLevers",
    "Design",
    "Entry",
    "EquilibriumSlope",
    "FeedbackSearch",
    "Front",
    "ImplicitDescent",
    "LeastPrice",
    "Levers",
    "MappedLevers",
    "Measures",
    "Method",
    "Objective",
    "Restored",
    "Tolerance",
    "UtilityParts",
    "adversarial_bloc",
    "best_design",
    "certify",
    "colluding_bloc",
    "directional",
    "effective_groups",
    "effective_numbers",
    "engagement_front",
    "entry",
    "equilibrium_slope",
    "joint_tolerance",
    "largest_bloc",
    "largest_threshold",
    "least_weights",
    "most_engaging",
    "nearest_setting",
    "non_dominated",
    "pinned_bloc",
    "restore",
    "safe_values",
    "smallest_change",
    "swept_front",
    "tolerance",
    "utility_parts",
    "with_group",
    "without_group",
]
