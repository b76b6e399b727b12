"""When a solver should attempt a task, and when a profile makes it attempt."""

from __future__ import annotations

from sim.errors import InputError
from sim.oversight.checks import finite, share
from sim.oversight.outcomes import OutcomeValues
from sim.oversight.profiles import RewardProfile


def attempt_threshold(*, abstain: float, correct: float, caught: float, uncaught: float, catch_rate: float) -> float:
    """Least probability of success at which an attempt pays, (abstain - w)/(correct - w).

    w = kappa caught + (1 - kappa) uncaught is what a wrong attempt brings. Below 0 the solver attempts everything,
    above 1 nothing (theory of the oversight game, section 2).

    Args:
        abstain: Reward of an abstention.
        correct: Reward of a correct attempt.
        caught: Reward (often negative) of a wrong attempt that is caught.
        uncaught: Reward of a wrong attempt that is not.
        catch_rate: kappa, probability that a wrong attempt is caught.

    Raises:
        InputError: A reward is not finite, `catch_rate` no probability, or being wrong pays as much as being right.

    >>> attempt_threshold(abstain=0.5, correct=1.0, caught=-1.0, uncaught=0.0, catch_rate=0.0)
    0.5
    """
    kappa = share("catch_rate", catch_rate)
    wrong = kappa * finite("caught", caught) + (1 - kappa) * finite("uncaught", uncaught)
    if finite("correct", correct) <= wrong:
        raise InputError("correct", correct, f"expected above {wrong:.4g}, what a wrong attempt brings on average")
    return (finite("abstain", abstain) - wrong) / (correct - wrong)


def solver_threshold(profile: RewardProfile, catch_rate: float = 0.0) -> float:
    """Least probability of success at which `profile` makes the solver attempt; wrong attempts are caught at this rate.

    Raises:
        InputError: As `attempt_threshold`.
    """
    return attempt_threshold(
        abstain=profile.solver_abstain_reward,
        correct=profile.solver_base_pass_reward,
        caught=-profile.solver_true_catch_penalty,
        uncaught=profile.solver_uncaught_reward,
        catch_rate=catch_rate,
    )


def principal_threshold(values: OutcomeValues, catch_rate: float = 0.0) -> float:
    """Least probability of success at which the principal wants an attempt; false alarms are not counted.

    Raises:
        InputError: As `attempt_threshold`.
    """
    return attempt_threshold(
        abstain=values.abstain,
        correct=values.aligned,
        caught=values.caught,
        uncaught=values.silent_failure,
        catch_rate=catch_rate,
    )
