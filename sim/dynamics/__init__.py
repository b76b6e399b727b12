"""Learning rules: how accounts move from one round to the next."""

from sim.dynamics.asynchronous import AsynchronousBestResponse
from sim.dynamics.bandit import BanditGradient
from sim.dynamics.best_response import SequentialBestResponse, SimultaneousBestResponse
from sim.dynamics.closed_rates import (
    asynchronous_rate,
    fictitious_play_exponent,
    largest_damping,
    sequential_rate,
    simultaneous_rate,
)
from sim.dynamics.exact_feedback import ExactFeedback
from sim.dynamics.exponentiated_gradient import ExponentiatedGradient
from sim.dynamics.extra_gradient import ExtraGradient
from sim.dynamics.fictitious_play import FictitiousPlay
from sim.dynamics.floor import Floored
from sim.dynamics.follow_the_leader import Entropic, Euclidean, FollowTheRegularisedLeader, Regulariser
from sim.dynamics.imitation import Imitation
from sim.dynamics.logit import LogitResponse
from sim.dynamics.logit_equilibrium import LogitEquilibrium, logit_equilibrium
from sim.dynamics.optimistic import OptimisticGradient, OptimisticMultiplicativeWeights
from sim.dynamics.projected_gradient import ProjectedGradient
from sim.dynamics.protocol import Dynamics, Feedback, State
from sim.dynamics.rate import PredictedRate, predicted_rate
from sim.dynamics.regret_matching import RegretMatching
from sim.dynamics.replicator import Replicator
from sim.dynamics.simulate import simulate
from sim.dynamics.step_size import StepSize
from sim.dynamics.time_average import time_average

__all__ = [
    "AsynchronousBestResponse",
    "BanditGradient",
    "Dynamics",
    "Entropic",
    "Euclidean",
    "ExactFeedback",
    "ExponentiatedGradient",
    "ExtraGradient",
    "Feedback",
    "FictitiousPlay",
    "Floored",
    "FollowTheRegularisedLeader",
    "Imitation",
    "LogitEquilibrium",
    "LogitResponse",
    "OptimisticGradient",
    "OptimisticMultiplicativeWeights",
    "PredictedRate",
    "ProjectedGradient",
    "RegretMatching",
    "Regulariser",
    "Replicator",
    "SequentialBestResponse",
    "SimultaneousBestResponse",
    "State",
    "StepSize",
    "asynchronous_rate",
    "fictitious_play_exponent",
    "largest_damping",
    "logit_equilibrium",
    "predicted_rate",
    "sequential_rate",
    "simulate",
    "simultaneous_rate",
    "time_average",
]
