"""Put a run on one self-contained page: verdict first, then the evidence, then what to distrust."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from omegaconf import DictConfig

from experiments.console import interval, seed_interval
from experiments.play import Record
from experiments.report import figures
from experiments.report.templates import page, picture
from experiments.report.wording import assumptions, control_text, gap_meanings, measured_rate, sentence
from experiments.result import Result
from experiments.run_directory import RunDirectory
from platforms.social.post import UNHEARD, Post
from sim.equilibrium import explain, exploitability
from sim.simplex import total_variation

KIND_COLOURS = {
    "converged": "#0a6b3b",
    "converged elsewhere": "#8a5a00",
    "cycling": "#7a2a7a",
    "chaotic": "#7a2a4a",
    "diverged": "#a11212",
    "undecided": "#1d4f91",
}
SAMPLES_PER_GROUP = 4


def render_report(directory: RunDirectory, config: DictConfig, result: Result, seconds: Mapping[str, float]) -> None:
    """Write report.html and the figures as PNG files into the run directory."""
    assessment, prediction, opinions = result.assessment, result.prediction, result.opinions
    table, verdict = opinions.table, assessment.verdict
    drawn = _figures(config, result)
    images = {name: figures.png(figure) for name, figure in drawn.items()}
    for name, content in images.items():
        directory.bytes(f"{name}.png", content)

    def image(name: str, alt: str) -> Markup:
        return picture(images[name], alt)

    low, high = seed_interval(assessment)
    sizes, meanings = assessment.gap.sizes(), gap_meanings()
    parts: dict[str, np.ndarray] = {**vars(assessment.gap), "total": assessment.gap.total}
    first_gate = next(iter(result.gates.values()), None)
    html = page("report.html.j2").render(
        image=image,
        name=directory.path.name,
        hash=directory.hash,
        colour=KIND_COLOURS[verdict.kind],
        sentence=sentence(assessment, config),
        provenance=f"Run {directory.path.name}.",
        verdict=verdict,
        health=result.health,
        control=assessment.control.verdict,
        rivals=assessment.rivals,
        people=assessment.people,
        people_distance=0.0 if assessment.people is None else total_variation(assessment.people, prediction.mixture),
        control_text=control_text(assessment, table.groups),
        rows=[
            {
                "group": group,
                "share": table.shares[d],
                "predicted": prediction.mixture[d],
                "observed": verdict.settled[d],
                "low": low[d],
                "high": high[d],
            }
            for d, group in enumerate(table.groups)
        ],
        groups=table.groups,
        explanation=explain(result.game),
        distance=interval(verdict.distance),
        population_distance=interval(verdict.population_distance),
        exploitability_text=interval(verdict.exploitability),
        tolerance=config.verdict.tolerance,
        window=config.verdict.window,
        confidence=config.verdict.confidence,
        gap_rows=[
            {"name": name, "vector": vector, "size": sizes[name], "meaning": meanings[name]}
            for name, vector in parts.items()
        ],
        floor=config.platform.floor,
        floor_bias=assessment.floor_bias,
        rate=assessment.rate,
        accounts=config.platform.accounts,
        measured_rate=measured_rate(assessment),
        gates=result.gates,
        texts=first_gate.texts if first_gate else 0,
        required=first_gate.required if first_gate else 0.0,
        realisation=assessment.realisation,
        posts_total=len(result.record.posts),
        samples=_samples(result.record, table.groups, table.questions),
        calibration=opinions.calibration,
        assumptions=assumptions(config, result),
        command=f"equipolis {overrides()}".strip(),
        seconds=seconds,
    )
    directory.text("report.html", html)


def _figures(config: DictConfig, result: Result) -> dict[str, Figure]:
    groups, assessment, gates, opinions = result.groups, result.assessment, result.gates, result.opinions
    trajectories = result.record.trajectories
    gains = np.array([[exploitability(result.game, profile) for profile in seed] for seed in trajectories])
    drawn = {
        "trajectory": figures.trajectory(
            trajectories,
            groups,
            prediction=result.prediction.mixture,
            control=assessment.control.prediction,
            window=config.verdict.window,
            tolerance=config.verdict.tolerance,
        ),
        "exploitability": figures.exploitability(gains),
        "gap": figures.gap_bars(assessment.gap, groups),
        "voice": figures.confusion({"heard posts of the play": assessment.realisation.heard_voice}, groups, "drawn"),
    }
    if gates:
        drawn["gate"] = figures.confusion({name: g.confusion for name, g in gates.items()}, groups, "written by")
    if opinions.people is not None:
        drawn["opinions"] = figures.opinions_against_people(opinions)
    return drawn


def _samples(record: Record, groups: tuple[str, ...], questions: tuple[str, ...]) -> list[dict[str, Any]]:
    """The latest posts of each group: what the model wrote, unselected."""
    taken: dict[int, int] = {}
    samples = []
    for _, _, post in reversed(record.posts):
        group = post.draft.group
        if taken.get(group, 0) < SAMPLES_PER_GROUP:
            taken[group] = taken.get(group, 0) + 1
            samples.append(
                {
                    "group": groups[group],
                    "topic": questions[post.draft.topic],
                    "text": post.text or "(no text)",
                    "voice": _heard_as(post, groups),
                    "order": group,
                }
            )
    return sorted(samples, key=lambda sample: sample["order"])


def _heard_as(post: Post, groups: tuple[str, ...]) -> str:
    if post.voice == UNHEARD:
        return "nobody"
    return groups[post.voice] if post.draft.heard else "(not listened to)"


def overrides() -> str:
    """The command-line overrides of this run, as Hydra received them."""
    from hydra.core.hydra_config import HydraConfig

    return " ".join(map(_shell_word, HydraConfig.get().overrides.task)) if HydraConfig.initialized() else ""


def _shell_word(word: str) -> str:
    """A word as a shell takes it, in double quotes where they do.

    >>> print(_shell_word("run.seed=3"), _shell_word("data.group='Party (self)'"), _shell_word('a="$b"'))
    run.seed=3 "data.group='Party (self)'" 'a="$b"'
    """
    plain = shlex.quote(word)
    return plain if plain == word or set(word) & set('"$`\\!') else f'"{word}"'
