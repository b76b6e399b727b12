"""The principal's side: which incentives keep every group represented, and what they cost."""

from sim.design.intervention import Change, largest_threshold, smallest_change
from sim.design.price import UtilityParts, effective_groups, utility_parts
from sim.design.safe import safe_values

__all__ = [
    "Change",
    "UtilityParts",
    "effective_groups",
    "largest_threshold",
    "safe_values",
    "smallest_change",
    "utility_parts",
]
