"""The sentences of a report: what the verdict means, what each gap is, and what was assumed."""

from __future__ import annotations

from collections.abc import Sequence

from omegaconf import DictConfig

from experiments.assess import Assessment
from experiments.result import Result

_MEANING = {
    "converged": "The simulated population settled where the theory predicts.",
    "converged elsewhere": "The simulated population settled at an equilibrium, but not the predicted one.",
    "cycling": "The simulated population keeps returning to the same points without settling.",
    "chaotic": "The simulated population neither settles nor repeats itself, and near-returns part: chaos.",
    "diverged": "The simulated population moved away from the prediction and found no other equilibrium.",
    "undecided": "The evidence does not decide: more rounds or more seeds are needed.",
}


def sentence(assessment: Assessment, config: DictConfig) -> str:
    """The verdict in one sentence."""
    largest = max((item for item in assessment.gap.sizes().items() if item[0] != "total"), key=lambda item: item[1])
    return (
        f"{_MEANING[assessment.verdict.kind]} {config.platform.accounts} accounts, {config.platform.rounds} rounds, "
        f"{config.run.seeds} seeds; the largest part of the gap is {largest[0]} ({largest[1]:.3f})."
    )


def gap_meanings() -> dict[str, str]:
    """What each part of the gap stands for."""
    return {
        "realisation": "the texts did not carry the mixture exactly",
        "estimation": "the answers drafted in this play against those the prediction was made with",
        "dynamics": "the learning rule has not arrived, or its floor binds",
        "sampling": "finite posts",
        "total": "observed - predicted",
    }


def control_text(assessment: Assessment, groups: Sequence[str]) -> str:
    """The wrong prediction, spelled out."""
    weights = ", ".join(
        f"{group} {weight:.3f}" for group, weight in zip(groups, assessment.control.prediction, strict=True)
    )
    return f"{assessment.control.sabotage}: {weights}"


def measured_rate(assessment: Assessment) -> str:
    """Contraction per round as fitted to the play and to the rule's exact mean map, or why there is none."""
    play, expected = (
        "no clean geometric transient to fit" if rate is None else f"{rate:.3f}"
        for rate in (assessment.verdict.measured_rate, assessment.mean_map_rate)
    )
    text = f"{play} in the play; {expected} in the exact mean map from the same starts with the same steps"
    check = assessment.mean_map_check
    if check is None:
        return text
    words = "agrees with" if check.agrees else "disagrees with"
    return (
        f"{text}, which ({check.low:.3f} to {check.high:.3f}) {words} the spectral radius {check.predicted:.3f} "
        "predicted for the rounds that were fitted"
    )


def assumptions(config: DictConfig, result: Result) -> list[str]:
    """What the numbers rest on, and what was not measured."""
    lines = [
        "The prediction is the homogeneous equilibrium of the alignment game (arXiv 2602.06836, reconstructed); "
        "every account has the same a, C, S and incentives.",
        f"Payoffs are post-level kernels: attractiveness {_kernel(config, 'attractiveness')}, inconsistency "
        f"{_kernel(config, 'inconsistency')}, similarity {_kernel(config, 'similarity')}. Their expectations are the "
        "(a, C, S) of the prediction; no feed ranking stands between a post and its readers.",
        f"Under the prevalence and identity kernels engagement and redundancy go by a post's voice: in a share "
        f"{config.platform.heard_share} of posts the likeliest subpopulation model of the text, in the rest the group "
        "that was drawn. The ears are the very models that wrote: this is the most a reader could hear. Answers, which "
        "pay for consistency, are drawn from the calibrated opinion table and are not "
        "read out of the text.",
        f"Every group keeps a weight of at least {config.platform.floor}: a group that is never drawn gives no "
        "feedback. The bias of this floor is stated with the gap.",
        f"Accounts learn from {config.platform.posts_per_round} posts and drafts on "
        f"{config.platform.drafts_per_round} topics a round. The estimation gap re-estimates C and S from the answers "
        "of this play; shares are not re-estimated, and its own sampling error is part of it.",
    ]
    if result.opinions.calibration is not None:
        lines.append(
            "What all people answer to an item is taken from the survey; only who deviates, and in which direction, "
            "comes from the language model, scaled by one slope fitted to the same people."
        )
    if result.synthetic:
        lines.append("The language model is SYNTHETIC: a known mixture response, for exact convergence tests.")
    if config.run.seeds < 3:
        lines.append("Fewer than three seeds: the interval over seeds is wide or undefined.")
    return lines


def _kernel(config: DictConfig, name: str) -> str:
    return str(config.payoffs[name]._target_).rsplit(".", 1)[-1]
