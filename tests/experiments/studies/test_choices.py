"""Every estimator and every loader can be chosen by name, and is what its name says."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import conf
from experiments.making import made
from sim.errors import InputError
from sim.estimation import GameEstimator, OpinionTable

FOLDER = Path(conf.__file__).parent
PLAIN = [
    f"estimate/{folder.name}={file.stem}"
    for folder in sorted((FOLDER / "estimate").iterdir())
    if folder.is_dir()
    for file in sorted(folder.glob("*.yaml"))
    if file.stem not in ("activity", "covariance", "retest", "embedded", "embedding_cosine")
]
TABLE = OpinionTable(
    groups=("few", "many"),
    shares=np.array([0.2, 0.8]),
    questions=("q1", "q2"),
    probabilities=(np.array([[0.9, 0.1], [0.4, 0.6]]), np.array([[0.5, 0.5], [0.2, 0.8]])),
)


@pytest.fixture
def people(tmp_path):
    """A survey of two groups; a second wave in which one answer of four is another."""
    first = pd.DataFrame({"group": ["x"] * 4 + ["y"] * 4, "rain": list("ynynynyn"), "sun": list("yyynnnny")})
    second = first.assign(rain=list("ynyyynyn"))
    paths = tmp_path / "first.csv", tmp_path / "second.csv"
    for frame, path in zip((first, second), paths, strict=True):
        frame.to_csv(path, index=False)
    return paths


@pytest.mark.parametrize("choice", PLAIN)
def test_every_estimator_can_be_chosen(composed, choice):
    chosen = made(composed("estimate=survey", choice).estimate)
    assert isinstance(chosen, GameEstimator)
    field, name = choice.removeprefix("estimate/").split("=")
    assert any(line.startswith(f"{field}: ") for line in chosen.provenance) or field in ("features", "normalisation")
    assert name in " ".join(chosen.provenance) or name == "as_estimated"
    assert all(np.isfinite(term).all() for term in chosen(TABLE))


def test_the_default_reading_is_the_overlap_of_mixtures(composed):
    assert np.array_equal(made(composed("estimate=paper").estimate)(TABLE).similarity, np.eye(2))
    assert made(composed("estimate=survey").estimate)(TABLE).similarity[0, 1] > 0


def test_debiasing_is_a_setting(composed):
    with pytest.raises(InputError, match="sizes"):
        made(composed("estimate=survey", "estimate.inconsistency.debias=true").estimate)(TABLE)


def test_activity_takes_posts_by_group(composed):
    posts = "estimate.attractiveness.posts={few: 3, many: 1}"
    choice = composed("estimate=survey", "estimate/attractiveness=activity", posts)
    assert made(choice.estimate)(TABLE).attractiveness.tolist() == [0.75, 0.25]


def test_covariance_takes_topics(composed):
    choice = composed("estimate=survey", "estimate/inconsistency=covariance", "estimate.inconsistency.topics=[t, t]")
    assert np.linalg.eigvalsh(made(choice.estimate)(TABLE).inconsistency).min() > -1e-12


def test_retest_takes_a_second_wave(composed, people):
    first, second = people
    choice = composed(
        "data=own",
        f"data.path={first}",
        "estimate=survey",
        "estimate/inconsistency=retest",
        "+data@estimate.inconsistency.second=own",
        f"estimate.inconsistency.second.path={second}",
    )
    table = made(choice.data)().table
    # One of four in group x changed one of two answers: a pair at squared distance 1, halved, over 8 answers.
    assert made(choice.estimate)(table).inconsistency.tolist() == [[pytest.approx(1 / 16), 0], [0, 0]]


@pytest.mark.slow
def test_texts_of_options_are_embedded(composed, people):
    first, _ = people
    choice = composed(
        "data=own",
        f"data.path={first}",
        "estimate=survey",
        "estimate/features=embedded",
        "estimate/similarity=embedding_cosine",
    )
    terms = made(choice.estimate)(made(choice.data)().table)
    assert np.diag(terms.similarity) == pytest.approx([1, 1])
    assert 0.5 < terms.similarity[0, 1] < 1
    assert terms.inconsistency[0, 0] > 0


@pytest.mark.parametrize("name", sorted(file.stem for file in (FOLDER / "data").glob("*.yaml")))
def test_every_loader_can_be_chosen_and_names_a_file_that_is_not_there(composed, name, tmp_path):
    overrides = [f"data.path={tmp_path / 'nothing.csv'}"]
    if name == "globalopinionqa":
        overrides.append("data.countries=[Chile, Japan]")
    with pytest.raises(InputError, match="no such file"):
        made(composed(f"data={name}", *overrides).data)()
