"""Recording while another model answers, and replay without it: the same answers, a clear refusal, no answer lost."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from agents.language.protocol import ChoiceRequest, ChoiceScore, Completion, GenerationRequest, LanguageModelError
from agents.language.recorded import RecordedLanguageModel, RecordingLanguageModel, uses_of
from agents.language.recording import Recording, Source, plain
from agents.language.recording_file import read_recording, write_recording
from sim.errors import InputError

SOURCE = Source(backend="fickle", model=None, adapters={})


class Fickle:
    """A model that never says the same twice, and counts what it is asked."""

    name = "fickle"
    restarts = 3

    def __init__(self):
        self.asked = 0
        self.open = False
        self.fails = False

    def __enter__(self):
        self.open = True
        return self

    def __exit__(self, kind, error, trace):
        self.open = False

    def _number(self):
        assert self.open
        if self.fails:
            raise LanguageModelError("fickle: gone")
        self.asked += 1
        return self.asked

    def generate(self, requests):
        return [Completion(text=f"text {self._number()}", tokens=2, finish_reason="stop") for _ in requests]

    def choice_logprobs(self, requests):
        return [
            ChoiceScore(logprobs=-np.full(len(r.options), self._number() / 3), tokens=np.ones(len(r.options), int))
            for r in requests
        ]


def text(prompt, seed=0, **changes):
    return GenerationRequest(**{"prompt": prompt, "adapter": None, "seed": seed, "max_tokens": 5} | changes)


def option(prompt):
    return ChoiceRequest(prompt=prompt, options=("yes", "no"), adapter=None)


TEXTS = [text("a"), text("b"), text("a"), text("a", seed=1)]
OPTIONS = [option("a"), option("b"), option("a")]


def ask(model):
    return [
        plain(answer) for answer in (*model.generate(TEXTS), *model.choice_logprobs(OPTIONS), *model.generate(TEXTS))
    ]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "kept" / "fickle.parquet"


def recorder(path, model=None):
    return RecordingLanguageModel(model or Fickle(), SOURCE, path)


def leftovers(path):
    return sorted(child.name for child in path.parent.iterdir() if child != path and not child.name.endswith(".lock"))


def test_a_replay_gives_what_the_recorded_run_saw_although_the_model_is_fickle(path):
    model = Fickle()
    with recorder(path, model) as recording:
        seen = ask(recording)
    assert not model.open
    assert model.asked == 5, "a repeated request is asked once"
    assert vars(recording.use) == {"hits": 6, "misses": 5}
    assert recording.restarts == 3
    with RecordedLanguageModel(path) as replay:
        assert ask(replay) == seen
    assert replay.name == recording.name
    assert vars(replay.use) == {"hits": 11, "misses": 0}
    assert not leftovers(path)


def test_a_second_recording_goes_on_where_the_first_ended(path):
    with recorder(path) as recording:
        first = plain(recording.generate([text("a")])[0])
    model = Fickle()
    with recorder(path, model) as recording:
        assert plain(recording.generate([text("a"), text("new")])[0]) == first
    assert model.asked == 1
    assert len(read_recording(path).entries) == 2


def test_the_model_starts_only_when_something_is_asked_that_is_not_recorded(path):
    with recorder(path) as recording:
        ask(recording)
    model = Fickle()
    with recorder(path, model) as recording:
        assert recording.known == 5
        ask(recording)
        assert not model.open
        recording.generate([text("new")])
        assert model.open
    assert not model.open


def test_a_run_that_fails_keeps_what_was_answered(path):
    model = Fickle()

    def fails_halfway():
        with recorder(path, model) as recording:
            recording.generate(TEXTS)
            model.fails = True
            recording.choice_logprobs(OPTIONS)

    with pytest.raises(LanguageModelError, match="gone"):
        fails_halfway()
    assert not model.open
    assert len(read_recording(path).entries) == 3


def test_a_killed_run_loses_no_answered_batch(path):
    dies = (
        "import sys, os, pathlib; sys.path.insert(0, sys.argv[1]); import test_recorded as t;"
        "model = t.recorder(pathlib.Path(sys.argv[2])).__enter__();"
        "print(t.ask(model), flush=True); os.kill(os.getpid(), 9)"
    )
    arguments = [sys.executable, "-c", dies, str(Path(__file__).parent), str(path)]
    killed = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not path.exists()
    assert len(leftovers(path)) == 2, "one for each batch with something new"
    model = Fickle()
    with recorder(path, model) as recording:
        assert str(ask(recording)) == killed.stdout.strip()
    assert model.asked == 0
    assert not leftovers(path)


def test_two_runs_do_not_record_in_one_file_at_a_time(path):
    with recorder(path) as first:
        first.generate(TEXTS)
        with pytest.raises(InputError, match="another run records there"), recorder(path):
            pass
    with recorder(path) as second:
        assert second.generate(TEXTS)


def test_a_damaged_recording_is_not_recorded_over(path):
    with recorder(path) as recording:
        recording.generate(TEXTS)
    damaged = path.read_bytes()[:-9]
    path.write_bytes(damaged)
    with pytest.raises(InputError, match=r"fickle\.parquet"), recorder(path):
        pass
    assert path.read_bytes() == damaged


def test_a_model_that_does_not_start_leaves_no_recording(path):
    class Broken(Fickle):
        def __enter__(self):
            raise LanguageModelError("no model today")

    with pytest.raises(LanguageModelError, match="today"), recorder(path, Broken()):
        pass
    assert not path.exists()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (text("b", seed=7), "seed: recorded '0', asked '7'"),
        (text("b", seed=1), "prompt: recorded 'a', asked 'b'"),
        (text("a", max_tokens=6), "max_tokens: recorded '5', asked '6'"),
        (text("a", temperature=0.5), "temperature: recorded '1.0', asked '0.5'"),
        (text("a", stop=("\n",)), r"stop: recorded '\(\)', asked"),
        (text("a", adapter="O"), "adapter: recorded 'None', asked 'O'"),
        (text("c", adapter="O"), r"prompt: recorded '.', asked 'c' \(and in adapter\)"),
        (text("b" * 100 + "x"), f"prompt: recorded 'b', asked 'b{'b' * 40}…'"),
    ],
)
def test_a_miss_names_the_first_difference_to_the_nearest_request(path, asked, says):
    with recorder(path) as recording:
        ask(recording)
    with RecordedLanguageModel(path) as replay, pytest.raises(LanguageModelError, match=says) as refused:
        replay.generate([*TEXTS, asked])
    assert str(path) in str(refused.value)
    assert "every run records it" in str(refused.value)


def test_a_difference_far_into_a_long_prompt_is_shown_in_its_surroundings(path):
    long = "word " * 500
    with recorder(path) as recording:
        recording.generate([text(long + "cats" + long)])
    with RecordedLanguageModel(path) as replay, pytest.raises(LanguageModelError) as refused:
        replay.generate([text(long + "dogs" + long)])
    assert "recorded '…ord word word word word cats" in str(refused.value)
    assert "asked '…ord word word word word dogs" in str(refused.value)
    assert len(str(refused.value)) < 600


def test_a_kind_that_was_never_recorded_is_said(path):
    with recorder(path) as recording:
        recording.generate(TEXTS)
    with RecordedLanguageModel(path) as replay, pytest.raises(LanguageModelError, match="no request of this kind"):
        replay.choice_logprobs(OPTIONS)


def test_one_of_several_recorded_models_is_named(path):
    both = Recording()
    for backend in ("small:float32", "small:bfloat16"):
        source = both.add_source(Source(backend=backend, model=None, adapters={}))
        both.add(text("a"), Completion(text=backend, tokens=1, finish_reason="stop"), source)
    write_recording(both, path)
    with pytest.raises(InputError, match="small:bfloat16 no weights; small:float32 no weights"):
        RecordedLanguageModel(path)
    with pytest.raises(InputError, match="large"):
        RecordedLanguageModel(path, "large")
    assert RecordedLanguageModel(path, "float32").generate([text("a")])[0].text == "small:float32"


def test_the_manifest_says_which_recording_and_how_it_served(path):
    with recorder(path) as recording:
        ask(recording)
    with recorder(path) as again:
        ask(again)
    (found,) = uses_of([recording, Fickle(), again])
    assert (found["hits"], found["misses"], found["bytes"]) == (6 + 11, 5, path.stat().st_size)
    assert found["file"] == "fickle.parquet"
