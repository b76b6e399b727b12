"""The worked examples of the best-response, logit, optimistic and extra-gradient rules show what they claim."""

from importlib import import_module

import numpy as np
import pytest

SETTLES = {
    "best_response": (True, True, False),
    "asynchronous": (True, False),
    "fictitious_play": (True, False, False),
    "logit": (True, True, False),
    "optimistic": (True, True, False),
    "extra_gradient": (True, False, False),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTLES)
def test_examples_settle_where_they_say_so(name):
    examples = import_module(f"experiments.examples.{name}").build()
    assert len(examples) == len(SETTLES[name])
    for example, settles in zip(examples, SETTLES[name], strict=True):
        late = np.abs(example.trajectory[-20:] - example.target).max(axis=(1, 2))
        if settles:
            assert late[-1] < 0.03, example.title
        else:
            assert late.max() > 0.2, example.title


def test_all_at_once_is_a_cycle_of_period_two():
    path = import_module("experiments.examples.best_response").build()[-1].trajectory
    assert np.allclose(path[-1], path[-3], atol=1e-9)
    assert not np.allclose(path[-1], path[-2], atol=0.3)


@pytest.mark.slow
def test_the_turns_of_shapleys_game_last_ever_longer():
    play = import_module("experiments.examples.fictitious_play").build()[1].trajectory[:, 0]
    changes = np.flatnonzero(np.diff(play.argmax(axis=1)))
    turns = np.diff(changes[changes > 5])
    assert turns.size >= 4
    assert (turns[1:] > 2 * turns[:-1]).all()
