"""Controllers: the principal who sees only what comes back, on any platform, behind one interface."""

from sim.design.controllers.ask_tell import AskTell
from sim.design.controllers.fixed import Fixed
from sim.design.controllers.one_point import OnePointGradient
from sim.design.controllers.play import Play, play
from sim.design.controllers.protocol import Controller, Memory, Telemetry
from sim.design.controllers.spsa import Spsa
from sim.design.controllers.thompson import DiscountedThompson
from sim.design.controllers.ucb import Ucb1

__all__ = [
    "AskTell",
    "Controller",
    "DiscountedThompson",
    "Fixed",
    "Memory",
    "OnePointGradient",
    "Play",
    "Spsa",
    "Telemetry",
    "Ucb1",
    "play",
]
