"""The worked examples show what they claim: converging where they say so, and not where they say not."""

from functools import lru_cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from experiments.examples import exponentiated_gradient, imitation, panel
from experiments.examples.__main__ import example_scripts
from sim.dynamics import ExponentiatedGradient, StepSize, simulate
from sim.errors import InputError

SCRIPTS = sorted(name for name, script in example_scripts().items() if hasattr(script, "build"))
DOCS = Path(__file__).parents[3] / "docs"


@lru_cache
def built(name):
    return import_module(f"experiments.examples.{name}").build()


def distances(example):
    """Farthest account from the equilibrium by round, in the largest weight."""
    return np.abs(example.trajectory - example.target).max(axis=(1, 2))


def averages(example):
    """Distance of the accounts' mean from the equilibrium by round."""
    return np.abs(example.trajectory.mean(axis=1) - example.target).max(axis=1)


def test_every_rule_of_this_page_has_its_examples():
    assert {
        "bandit",
        "exponentiated_gradient",
        "follow_the_leader",
        "imitation",
        "projected_gradient",
        "regret_matching",
        "replicator",
    } <= set(SCRIPTS)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
def test_runs_are_play_and_the_picture_is_drawn(name, tmp_path):
    examples = built(name)
    assert len(examples) >= 2
    for example in examples:
        assert example.trajectory.ndim == 3
        assert example.trajectory.min() >= 0
        assert np.abs(example.trajectory.sum(axis=2) - 1).max() <= 1e-9
        assert example.title
        assert example.claim.endswith(".")
    picture = tmp_path / "folder" / f"{name}.png"
    panel.draw_examples(picture, examples)
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_page_shows_every_picture_with_its_command(name):
    page = (DOCS / "dynamics.md").read_text(encoding="utf-8")
    assert f"images/dynamics/{name}.png" in page
    assert f"python -m experiments.examples.{name}\n" in page
    assert (DOCS / "images" / "dynamics" / f"{name}.png").is_file()


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("projected_gradient", 1e-3),
        ("exponentiated_gradient", 1e-3),
        ("replicator", 1e-3),
        ("regret_matching", 1e-3),
        ("follow_the_leader", 1e-3),
    ],
)
def test_first_run_converges(name, tolerance):
    away = distances(built(name)[0])
    assert away[-1] <= tolerance
    assert away[0] >= 0.1


def test_projected_gradient_flips_and_spirals():
    _, flipping, spiral = built("projected_gradient")
    tail = flipping.trajectory[-8:]
    assert np.allclose(tail[2:], tail[:-2], atol=2e-3)
    assert np.abs(np.diff(tail, axis=0)).max(axis=(1, 2)).min() >= 0.3
    rings = averages(spiral)
    assert rings[-60:].max() >= 3 * rings[:60].max()
    assert spiral.trajectory[-60:].min() == 0.0


def test_exponentiated_gradient_flips_and_is_chaotic():
    _, flipping, chaotic = built("exponentiated_gradient")
    tail = flipping.trajectory[-8:]
    assert np.allclose(tail[2:], tail[:-2], atol=1e-4)
    assert np.abs(np.diff(tail, axis=0)).max(axis=(1, 2)).min() >= 0.3
    # The Lyapunov exponent of the shared log-odds z -> z + eta (g_1 - g_2): positive is chaos.
    game = exponentiated_gradient.game()
    eta = exponentiated_gradient.CHAOTIC * exponentiated_gradient.largest_stable_step()
    difference = np.array([1.0, -1.0])
    curvature = float(difference @ game.consensus_matrix @ difference)
    start = chaotic.trajectory[0]
    rule = ExponentiatedGradient(StepSize(eta))
    path = simulate(game, rule, start, 2000, np.random.default_rng(0))
    assert np.array_equal(path[: len(chaotic.trajectory)], chaotic.trajectory)
    weights = path[200:, 0]
    exponent = np.log(np.abs(1 - eta * curvature * weights[:, 0] * weights[:, 1])).mean()
    assert exponent >= 0.2
    nearby = start + 1e-9 * difference
    apart = np.abs(simulate(game, rule, nearby, 100, np.random.default_rng(0)) - path[:101]).max(axis=(1, 2))
    assert apart[1:10].max() <= 1e-3
    assert apart[60:].max() >= 0.1


def test_replicator_is_slow_near_one_and_leaves_above():
    quick, slow, leaving = (distances(example) for example in built("replicator"))
    assert quick[100] <= 1e-3
    assert slow[100] >= 0.1
    assert slow[-1] <= 1e-3
    rates = [np.log(away[200] / away[600]) for away in (slow, leaving)]
    assert rates[0] >= 1
    assert leaving[-200:].min() >= 0.3
    assert np.ptp(built("replicator")[2].trajectory[-1], axis=0).max() >= 0.3


def test_regret_matching_goes_round_while_its_average_settles():
    _, circling, average = built("regret_matching")
    assert distances(circling)[-200:].min() >= 0.2
    assert distances(average)[-1] <= 0.02
    assert np.allclose(average.trajectory[-1], circling.trajectory.mean(axis=0))


def test_follow_the_leader_reaches_the_boundary_flips_and_spirals():
    settling, flipping, spiral = built("follow_the_leader")
    assert np.all(settling.trajectory[-1][:, 2] == 0.0)
    assert np.abs(np.diff(flipping.trajectory[-10:], axis=0)).max(axis=(1, 2)).min() >= 0.2
    away = distances(spiral)
    assert away[-100:].max() >= 8 * away[:100].max()


def test_bandit_settles_with_decaying_steps_only():
    two, one, constant = built("bandit")
    ends = [np.mean((e.trajectory[-1000:] - e.target) ** 2) for e in (two, one, constant)]
    assert ends[0] <= 0.001
    assert ends[1] >= 3 * ends[0]
    assert ends[2] >= 1.5 * ends[1]
    middle = np.mean((constant.trajectory[500:1500] - constant.target) ** 2)
    assert ends[2] >= 0.7 * middle
    assert np.abs(two.trajectory[-1000:].mean(axis=(0, 1)) - two.target).max() <= 0.01


def test_imitation_needs_innovation_and_many_accounts():
    agreeing, many, few = built("imitation")
    assert averages(agreeing)[-1] >= 0.2
    spread = np.ptp(agreeing.trajectory, axis=1).max(axis=1)
    assert spread[-1] <= 0.5 * spread[0]
    assert np.abs(many.trajectory[-1000:].mean(axis=(0, 1)) - many.target).max() <= 0.02
    settled = few.trajectory[-1000:].mean(axis=(0, 1))
    assert np.abs(settled - few.target).max() >= 0.06
    assert settled[0] > few.target[0]
    assert imitation.game(3).accounts == few.trajectory.shape[1]


def test_examples_that_disagree_on_groups_are_refused(tmp_path):
    example = panel.Example("one", "It stays.", np.full((3, 2, 2), 0.5), None)
    other = panel.Example("two", "It stays.", np.full((3, 2, 4), 0.25), None)
    with pytest.raises(InputError, match="examples"):
        panel.draw_examples(tmp_path / "x.png", [])
    with pytest.raises(InputError, match="groups"):
        panel.draw_examples(tmp_path / "x.png", [example, other])
    with pytest.raises(InputError, match="groups"):
        panel.draw_examples(tmp_path / "x.png", [example], groups=("a", "b", "c"))
