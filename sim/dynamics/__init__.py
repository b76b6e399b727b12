"""Learning rules: how accounts move from one round to the next."""

from sim.dynamics.best_response import SequentialBestResponse, SimultaneousBestResponse
from sim.dynamics.exact_feedback import ExactFeedback
from sim.dynamics.exponentiated_gradient import ExponentiatedGradient
from sim.dynamics.floor import Floored
from sim.dynamics.projected_gradient import ProjectedGradient
from sim.dynamics.protocol import Dynamics, Feedback, State
from sim.dynamics.rate import PredictedRate, predicted_rate
from sim.dynamics.replicator import Replicator
from sim.dynamics.simulate import simulate
from sim.dynamics.step_size import StepSize

__all__ = [
    "Dynamics",
    "ExactFeedback",
    "ExponentiatedGradient",
    "Feedback",
    "Floored",
    "PredictedRate",
    "ProjectedGradient",
    "Replicator",
    "SequentialBestResponse",
    "SimultaneousBestResponse",
    "State",
    "StepSize",
    "predicted_rate",
    "simulate",
]
