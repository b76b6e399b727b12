"""Exponentiated gradient with growing steps: rest, a cycle, its doublings, chaos (docs/images/dynamics/chaos.png)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console

from experiments.examples.panel import IMAGES
from experiments.report.figures import COLOURS, png
from sim.alignment_game import AlignmentGame, Incentives
from sim.arrays import Array
from sim.diagnosis import largest_lyapunov
from sim.dynamics import ExponentiatedGradient, StepSize
from sim.dynamics.exact_feedback import ExactFeedback
from sim.equilibrium import homogeneous_equilibrium

_START = np.array([[0.3, 0.7]])


@dataclass(frozen=True, eq=False)
class Doubling:
    """Where the rule ends for each step size.

    Attributes:
        steps: Step sizes eta, shape (K,).
        orbits: Weight of group 1 over the last rounds, shape (K, rounds).
        exponents: Largest Lyapunov exponent per round, shape (K,).
        equilibrium: Weight of group 1 in the equilibrium.
        critical: Step size above which theory says that the equilibrium is unstable.
    """

    steps: Array
    orbits: Array
    exponents: Array
    equilibrium: float
    critical: float


def measure(steps: Array, *, rounds: int = 200, transient: int = 250) -> Doubling:
    """Play one account with two groups at every step size; equilibrium and threshold from theory."""
    game = AlignmentGame(
        attractiveness=np.array([1.0, 0.0]),
        inconsistency=np.eye(2),
        similarity=np.eye(2),
        incentives=Incentives(0.5, 1.0, 0.0),
        accounts=1,
    )
    weights = homogeneous_equilibrium(game).mixture
    orbits, exponents = np.empty((steps.size, rounds)), np.empty(steps.size)
    for k, eta in enumerate(steps):
        rule, rng = ExponentiatedGradient(StepSize(float(eta))), np.random.default_rng(0)
        found = largest_lyapunov(game, rule, _START, rounds=rounds, transient=transient, rng=rng)
        exponents[k] = found.exponent
        state = found.end
        for played in range(rounds):
            orbits[k, played] = state.profile[0, 0]
            state = rule.step(state, ExactFeedback(game, played), rng)
    mobility = np.diag(weights) - np.outer(weights, weights)
    critical = 2.0 / float(np.linalg.eigvals(mobility @ game.consensus_matrix).real.max())
    return Doubling(steps, orbits, exponents, float(weights[0]), critical)


def draw(path: str | Path, found: Doubling) -> None:
    """Write the picture: orbit weights above, the Lyapunov exponent below, over the step size."""
    figure = Figure(figsize=(5.8, 5.0), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    across = np.repeat(found.steps, found.orbits.shape[1])
    top.plot(across, found.orbits.ravel(), ",", color=COLOURS[0], alpha=0.35)
    top.axhline(found.equilibrium, color="black", linewidth=1.2, linestyle="--", label="equilibrium")
    top.set_ylabel("weight of group 1", fontsize=12)
    top.set_ylim(0, 1)
    top.legend(loc="lower left", frameon=False, fontsize=11)
    chaotic = found.exponents > 0
    low = -1.5
    shown = np.clip(found.exponents, low, None)
    bottom.plot(found.steps, shown, color=COLOURS[0], linewidth=1.0)
    bottom.fill_between(found.steps, 0, shown, where=(chaotic).tolist(), color=COLOURS[4], alpha=0.75, linewidth=0)
    bottom.axhline(0, color="black", linewidth=0.9)
    bottom.set_ylim(low, 0.75)
    bottom.set_ylabel("Lyapunov\nexponent per round", fontsize=12)
    bottom.set_xlabel(r"step size $\eta$", fontsize=12)
    bottom.text(found.steps[-1], 0.74, "chaos where filled", ha="right", va="top", color=COLOURS[4], fontsize=11)
    for panel in (top, bottom):
        panel.axvline(found.critical, color="grey", linewidth=1.2, linestyle=":")
        panel.set_xlim(found.steps[0], found.steps[-1])
        panel.tick_params(labelsize=11)
    top.text(
        found.critical,
        1.01,
        r"$\eta\,\lambda_{\max}((\mathrm{diag}\,w-ww')H)=2$",
        ha="left",
        va="bottom",
        fontsize=11,
    )
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(png(figure))


def write(path: str | Path = IMAGES / "chaos.png") -> None:
    """Measure and draw."""
    draw(path, measure(np.linspace(1.2, 7.0, 340)))


if __name__ == "__main__":
    write()
    Console().print(f"wrote {IMAGES / 'chaos.png'}", highlight=False, soft_wrap=True)
