"""The benchmarks at toy size: every figure finite, every exact peer of the same opinion, the page honest."""

import math

import numpy as np
import psutil
import pytest
from rich.console import Console

from agents.language.protocol import LanguageModelError
from agents.language.synthetic import SyntheticLanguageModel
from agents.subpopulations.bigfive.material import TRAITS
from agents.subpopulations.synthetic import SyntheticPopulation
from experiments.benchmarks import document, language_model, scale
from experiments.benchmarks.__main__ import Sizes, measure
from experiments.benchmarks.measurement import OURS, Measurement, median_seconds
from experiments.benchmarks.memory import peak_gib

TINY = Sizes(
    dimensions=(3, 6),
    games=8,
    enumerated=4,
    enumerable=3,
    population=20,
    accounts=(2, 4),
    rounds=2,
    map_side=12,
    solver_side=6,
    crowd=2000,
    differing=(10,),
    archetypes=(20, 200),
    without_text=(20, 200),
    writers=0,
    repeats=1,
)


@pytest.fixture(scope="module")
def measured():
    said = []
    rows, skipped = measure(TINY, said.append)
    assert not skipped
    assert len(said) == 15
    return rows


def test_every_figure_is_finite_and_positive(measured):
    assert len({row.task for row in measured}) == 12
    for row in measured:
        assert math.isfinite(row.seconds)
        assert row.seconds > 0
        assert math.isfinite(row.ratio)
        assert row.ratio > 0


def test_every_task_has_a_reference_of_ratio_one(measured):
    for task in {row.task for row in measured}:
        assert next(row for row in measured if row.task == task).ratio == 1.0


def test_exact_peers_agree_and_the_general_one_nearly(measured):
    compared = [row for row in measured if row.disagreement is not None]
    assert {row.method for row in compared} >= {"daqp", "scipy SLSQP", "nashpy, support enumeration"}
    for row in compared:
        assert row.disagreement <= (1e-5 if row.method.startswith(("scipy SLSQP", "OSQP")) else 1e-8), row
    boundary = next(row.task for row in measured if "D = 6" in row.task)
    assert " 0 of them on the boundary" not in boundary


def test_table_and_page_show_every_figure_and_no_path(measured, console: Console):
    console.print(*document.terminal_tables(measured))
    printed, page = console.file.getvalue(), document.markdown(measured, ["the language model, because x"], (0.5, 1.5))
    for row in measured:
        assert row.method in page
        assert f"{row.ratio:.3g}" in page
        assert f"{row.ratio:.3g}" in printed
    assert "Not measured: the language model, because x" in page
    assert "Other programs" not in page
    assert "Other programs" in document.markdown(measured, [], (2.0, 2.0))
    assert "nan" not in page
    assert "/home" not in page
    assert "/root" not in page
    assert "make bench" in page


def test_a_faster_peer_is_named():
    def row(method, ratio):
        return Measurement(task="t", method=method, unit="u", seconds=ratio, ratio=ratio, disagreement=0.0)

    assert "daqp is 4 times as fast" in document.remarks([row(OURS, 1.0), row("daqp", 0.25)])[0]
    assert document.remarks([row(OURS, 1.0), row("daqp", 2.0)])[0].startswith("No peer")


def test_medians_are_taken_after_a_warm_up():
    called = []
    median_seconds({"a": lambda: called.append("a"), "b": lambda: called.append("b")}, repeats=2)
    turns = [name for name, before in zip(called[2:], called[1:], strict=False) if name != before]
    assert called[:2] == ["a", "b"], "a warm-up of each"
    assert turns == ["a", "b", "a", "b"], "then all in turn, twice, each in a burst"
    assert called.count("a") > 3


def test_without_vllm_there_is_a_reason_and_no_figure(monkeypatch):
    def absent():
        raise LanguageModelError("vLLM is not installed.")

    monkeypatch.setattr(language_model, "vllm_device", absent)
    assert language_model.measure_language_model(4, 2, 8, 1, lambda line: None) == "vLLM is not installed."


def test_a_round_is_measured_at_once_and_a_sample_of_it_one_by_one():
    model = SyntheticLanguageModel(list(TRAITS.values()))
    together, alone = language_model._measure(model, 7, 3, 8, repeats=1, backend="none")
    assert together.task.startswith("7 accounts")
    assert together.ratio == 1.0
    assert alone.ratio > 0
    assert "timed on 3 of its posts" in alone.note


def test_the_requests_of_a_round_are_those_of_its_plan():
    table = SyntheticPopulation(5, 3, 4, 1.0, seed=0).table
    platform = scale.feed(9, table, members=50)
    models = SyntheticPopulation(5, 3, 4, 1.0, seed=0).models
    drafts = platform.plan_round()
    requests = language_model.round_of_posts(drafts, table.questions, models, 8)
    assert [r.seed for r in requests] == [d.seed for d in drafts]
    assert [r.adapter for r in requests] == [table.groups[d.group] for d in drafts]
    assert all(table.questions[drafts[0].topic] in r.prompt for r in requests)
    platform.close()


def test_accounts_post_texts_of_the_pool_in_the_voices_heard_there():
    table = SyntheticPopulation(5, 12, 6, 1.0, seed=0).table
    pool = scale.synthetic_pool(table)
    platform = scale.feed(500, table, members=100)
    drafts, before = platform.plan_posts(), platform.profile.copy()
    chosen = scale.play_from_pool(platform, pool)
    group, topic = pool.origin.cells
    np.testing.assert_array_equal(group[chosen], drafts.group)
    np.testing.assert_array_equal(topic[chosen], drafts.topic)
    assert len(set(chosen.tolist())) > 50
    assert 0 < (pool.voices[chosen] != drafts.group).mean() < 0.4
    assert not np.allclose(platform.profile, before)
    platform.close()


def test_a_feed_takes_a_pool_for_its_voices():
    table = SyntheticPopulation(5, 12, 6, 1.0, seed=0).table
    pool = scale.synthetic_pool(table)
    platform = scale.feed(3000, table, members=100)
    platform.voices = pool
    posts = platform.plan_posts()
    heard = np.zeros((5, 5))
    np.add.at(heard, (posts.group, posts.voice), 1.0)
    np.testing.assert_allclose(heard / heard.sum(axis=1, keepdims=True), pool.confusion(), atol=0.1)
    platform.step()
    assert platform.round == 1
    platform.close()


def test_peak_memory_grows_by_what_a_process_holds():
    before = peak_gib([psutil.Process()])
    held = np.ones(2**26)
    assert peak_gib([psutil.Process()]) > before - 1e-9
    assert peak_gib([psutil.Process()]) >= held.nbytes / 2**30
