"""Audience, tastes, ranking and accounts that move together: fixed points, tipping points, hysteresis."""

from sim.coevolution.branch import Branch, Event
from sim.coevolution.continuation import continue_branch
from sim.coevolution.coupled_map import CoupledMap
from sim.coevolution.diagram import bifurcation_diagram
from sim.coevolution.fixed_points import FixedPoint, FixedPoints, fixed_points
from sim.coevolution.hysteresis import AtRest, Loop, Settled, Sweep, at_rest, crossing, hysteresis_loop, settle, sweep
from sim.coevolution.members import MembersRun, play_members, with_members
from sim.coevolution.model import Advance, advance, engagement, retention, service
from sim.coevolution.parameters import PARAMETERS, Audience, Coevolution, Ranking, Rates, full_attractiveness
from sim.coevolution.piecewise import Evaluation, PiecewiseMap, SmoothMap
from sim.coevolution.state import CoupledState, full_house, without
from sim.coevolution.static import Comparison, compare

__all__ = [
    "PARAMETERS",
    "Advance",
    "AtRest",
    "Audience",
    "Branch",
    "Coevolution",
    "Comparison",
    "CoupledMap",
    "CoupledState",
    "Evaluation",
    "Event",
    "FixedPoint",
    "FixedPoints",
    "Loop",
    "MembersRun",
    "PiecewiseMap",
    "Ranking",
    "Rates",
    "Settled",
    "SmoothMap",
    "Sweep",
    "advance",
    "at_rest",
    "bifurcation_diagram",
    "compare",
    "continue_branch",
    "crossing",
    "engagement",
    "fixed_points",
    "full_attractiveness",
    "full_house",
    "hysteresis_loop",
    "play_members",
    "retention",
    "service",
    "settle",
    "sweep",
    "with_members",
    "without",
]
