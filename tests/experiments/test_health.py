"""Run health: every fault is counted, what is over its limit or unknown is told, and the exit status says so."""

import json
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from agents.language.synthetic import SyntheticLanguageModel
from experiments.command import BAD_INPUT, UNHEALTHY, run
from experiments.health import Health, finished_health, judged, of_answers, of_models, of_posts
from experiments.play import Record, Round
from platforms.social.post import UNHEARD, Draft, Post

SMALL = ("experiment=synthetic", "run.seeds=2", "platform.rounds=10", "platform.accounts=2", "verdict.window=0.8")
KEYS = {
    "silent_posts",
    "silent_accounts",
    "repeated_posts",
    "realisation_error",
    "restarts",
    "unfinished_seeds",
}


def only_run(directory):
    (path,) = [child for child in directory.iterdir() if child.is_dir()]
    return path


def record(rounds):
    """A play of two seeds with two accounts; `rounds` holds each round's texts by seed and account."""
    played = []
    for texts in rounds:
        posts = [
            (n // 2, Post(draft=Draft(account=n % 2, group=0, topic=0, answer=0, seed=n), text=text, voice=0))
            for n, text in enumerate(texts)
        ]
        played.append(Round(np.full((2, 2, 3), 1 / 3), [], posts, [None] * len(posts)))
    return Record(seeds=[0, 1], start=np.full((2, 2, 3), 1 / 3), rounds=played)


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf, 0.51])
def test_what_is_over_its_limit_or_no_number_is_unhealthy(value):
    found = judged({"repeated_posts": value, "restarts": 0}, {"repeated_posts": 0.5, "restarts": 2})
    assert not found.healthy
    assert "repeated posts" in found.complaint
    assert "restarts" not in found.complaint
    assert Health.from_dict(json.loads(json.dumps(found.to_dict(), allow_nan=False))) == found


def test_at_the_limit_is_healthy_and_so_is_a_run_with_nothing_to_count():
    assert judged({"repeated_posts": 0.5}, {"repeated_posts": 0.5}).healthy
    assert judged({}, {}).healthy


def test_posts_are_counted_by_seed_and_account():
    found = of_posts(record([("a", "", "a", "b"), ("a", "", "c", "")]), seeds=2, rounds=2)
    assert found["silent_posts"] == pytest.approx(3 / 8)
    assert found["silent_accounts"] == pytest.approx(1 / 4), "one account of one seed never wrote"
    assert found["repeated_posts"] == pytest.approx(1 / 5), "the same text in another seed is no repetition"
    assert found["unfinished_seeds"] == 0


def test_seeds_that_stop_early_or_lose_their_numbers_are_unfinished():
    whole = record([("a", "b", "c", "d")] * 2)
    assert of_posts(whole, seeds=2, rounds=3)["unfinished_seeds"] == 2
    assert of_posts(whole, seeds=3, rounds=2)["unfinished_seeds"] == 1
    broken = whole.rounds[1].profiles.copy()
    broken[1, 0, 0] = np.nan
    whole.rounds[1] = replace(whole.rounds[1], profiles=broken)
    assert of_posts(whole, seeds=2, rounds=2)["unfinished_seeds"] == 1


def test_a_play_without_any_text_has_no_share_of_repetitions():
    silent = of_posts(record([("", "", "", "")]), seeds=2, rounds=1)
    assert silent["silent_posts"] == 1
    assert silent["repeated_posts"] is None


def test_unreadable_answers_are_those_of_the_worst_reading_and_restarts_add_up():
    readings = [SimpleNamespace(failures=np.array(rows)) for rows in ([[0.1, 0.3]], [[0.6, 0.0]])]
    assert of_answers(readings[0], None, SimpleNamespace(failures=None), readings[1]) == {"unreadable_answers": 0.3}
    assert of_answers(None, SimpleNamespace(failures=None)) == {}
    assert of_models(SimpleNamespace(restarts=2), object(), SimpleNamespace(restarts=1)) == {"restarts": 3.0}
    assert of_models() == {}


def test_a_run_says_that_it_is_healthy_and_keeps_what_was_counted(composed, console, tmp_path):
    assert run(composed(*SMALL, f"run.directory={tmp_path}"), console) == 0
    path = only_run(tmp_path)
    found = json.loads((path / "verdict.json").read_text())["health"]
    assert found["healthy"]
    assert {check["name"] for check in found["checks"]} == KEYS
    assert "health: healthy" in console.file.getvalue()
    assert json.loads((path / "status.json").read_text())["state"] == "done"


def test_a_model_that_repeats_itself_makes_a_run_unhealthy_also_when_it_is_shown_again(
    composed, console, tmp_path, monkeypatch
):
    speak = SyntheticLanguageModel.generate

    def one_text_for_all(self, requests):
        return speak(self, requests[:1]) * len(requests)

    monkeypatch.setattr(SyntheticLanguageModel, "generate", one_text_for_all)
    config = composed(*SMALL, f"run.directory={tmp_path}")
    assert run(config, console) == UNHEALTHY
    path = only_run(tmp_path)
    complaint = finished_health(path / "verdict.json").complaint
    assert "repeated posts 0.8" in complaint  # ten rounds of eight posts of one text
    assert f"UNHEALTHY: {complaint}" in console.file.getvalue()
    assert json.loads((path / "status.json").read_text()) | {"rounds": 0, "rounds_played": 0} == {
        "state": "unhealthy",
        "message": complaint,
        "rounds": 0,
        "rounds_played": 0,
    }
    assert (path / "DONE").exists(), "the run is finished, whatever it is worth"

    console.file.truncate(0)
    assert run(config, console) == UNHEALTHY
    assert "already done" in console.file.getvalue()
    assert f"UNHEALTHY: {complaint}" in console.file.getvalue()


@pytest.mark.slow
def test_an_account_that_falls_silent_is_named(composed, console, tmp_path, monkeypatch):
    speak = SyntheticLanguageModel.generate

    def none_for_the_second_account(self, requests):
        written = speak(self, requests)
        return [replace(c, text="") if n % 8 >= 4 else c for n, c in enumerate(written)]

    monkeypatch.setattr(SyntheticLanguageModel, "generate", none_for_the_second_account)
    assert run(composed(*SMALL, f"run.directory={tmp_path}"), console) == UNHEALTHY
    printed = console.file.getvalue()
    assert "silent posts 0.5 > 0.05" in printed
    assert "silent accounts 0.5 > 0" in printed


def test_no_limit_is_below_zero(composed, console, tmp_path):
    settings = (*SMALL, f"run.directory={tmp_path}")
    assert run(composed(*settings, "health.repeated_posts=-0.1"), console) == BAD_INPUT
    assert "health.repeated_posts = -0.1" in console.file.getvalue()
    assert run(composed(*settings, "health.restarts=-1"), console) == BAD_INPUT


def test_an_unheard_voice_is_no_missing_text():
    post = Post(draft=Draft(account=0, group=0, topic=0, answer=0, seed=0), text="said", voice=UNHEARD)
    played = Round(np.full((1, 1, 2), 0.5), [], [(0, post)], [None])
    found = of_posts(Record(seeds=[0], start=np.full((1, 1, 2), 0.5), rounds=[played]), seeds=1, rounds=1)
    assert found["silent_posts"] == 0
