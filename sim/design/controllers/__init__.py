"""Controllers: the principal who sees only what comes back, on any platform, behind one interface."""

from sim.design.controllers.ask_tell import AskTell
from sim.design.controllers.exp3 import Exp3
from sim.design.controllers.fixed import Fixed
from sim.design.controllers.one_point import OnePointGradient
from sim.design.controllers.play import Play, play
from sim.design.controllers.protocol import Controller, Memory, Telemetry
from sim.design.controllers.spsa import Spsa
from sim.design.controllers.state_feedback import StateFeedback
from sim.design.controllers.thompson import DiscountedThompson
from sim.design.controllers.ucb import Ucb1
from sim.design.controllers.uniform import UniformSwitching
from sim.design.controllers.zeroth_order import ZerothOrder

__all__ = [
    "AskTell",
    "Controller",
    "DiscountedThompson",
    "Exp3",
    "Fixed",
    "Memory",
    "OnePointGradient",
    "Play",
    "Spsa",
    "StateFeedback",
    "Telemetry",
    "Ucb1",
    "UniformSwitching",
    "ZerothOrder",
    "play",
]
