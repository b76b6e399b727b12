"""From trajectories and a prediction to a verdict: same point? why not? how sure?"""

from sim.convergence.control import Control, negative_control
from sim.convergence.judge import judge, window_rounds
from sim.convergence.rivals import Rival, judge_rivals
from sim.convergence.verdict import Interval, Kind, SeedVerdict, Verdict

__all__ = [
    "Control",
    "Interval",
    "Kind",
    "Rival",
    "SeedVerdict",
    "Verdict",
    "judge",
    "judge_rivals",
    "negative_control",
    "window_rounds",
]
