"""Solver and auditor as logistic choices, trained by policy gradient: the oversight game without a language model."""

from agents.parametric.audits import AuditQuality
from agents.parametric.outcomes import Rates, event_chances, rates_of
from agents.parametric.tasks import Points, TaskPool, beta_rates
from agents.parametric.training import (
    Alternating,
    Optimistic,
    Pairs,
    Pay,
    Schedule,
    Simultaneous,
    Training,
    pay_of,
    train,
)

__all__ = [
    "Alternating",
    "AuditQuality",
    "Optimistic",
    "Pairs",
    "Pay",
    "Points",
    "Rates",
    "Schedule",
    "Simultaneous",
    "TaskPool",
    "Training",
    "beta_rates",
    "event_chances",
    "pay_of",
    "rates_of",
    "train",
]
