"""The project in seven verbs, the same from Python as on the command line.

`equipolis audit FILE` is load, estimate, solve, map_incentives and design; `equipolis` itself is play and judge. (`map`
is Python's own, hence the longer name.) Each verb composes what sim/, agents/ and platforms/ offer, and hands on their
own results: whoever needs more finds it there.
"""

from agents.subpopulations.sources.user_file import load
from experiments.verbs.playing import Played, judge, play
from experiments.verbs.theory import design, estimate, map_incentives, solve
from sim.alignment_game import Incentives

__all__ = [
    "Incentives",
    "Played",
    "design",
    "estimate",
    "judge",
    "load",
    "map_incentives",
    "play",
    "solve",
]
