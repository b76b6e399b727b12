"""Made-up texts: one's own table, CultureBank (component_8_final_formatter.py), BIGNEWSBLN (lists of articles)."""

import json

import pandas as pd
import pytest

from agents.subpopulations.corpus import Text
from agents.subpopulations.sources import culturebank, labelled_texts, politics
from agents.subpopulations.subpopulation_model import POST_PROMPT
from sim.errors import InputError

OWN = pd.DataFrame(
    [(side, f"{side} says {n}", f"topic {n}") for side in ("left", "right", "none") for n in range(10)],
    columns=["group", "text", "topic"],
)


def everything(corpus):
    return {group: set(corpus.train[group]) | set(corpus.heldout[group]) for group in corpus.groups}


def test_own_texts_split_by_seed(save):
    path = save(OWN)
    first, again, other = (labelled_texts.load(path, topic="topic", seed=seed) for seed in (1, 1, 2))
    assert first.corpus == again.corpus
    assert first.corpus.heldout != other.corpus.heldout
    assert len(first.corpus.heldout["left"]) == 2
    assert Text(POST_PROMPT.format(topic="topic 3"), " left says 3") in everything(first.corpus)["left"]
    assert labelled_texts.load(path, groups=["right", "left"]).corpus.groups == ("right", "left")
    assert {text.prompt for text in labelled_texts.load(path).corpus.train["left"]} == {""}


@pytest.mark.parametrize(
    ("frame", "how", "words"),
    [
        (OWN.drop(columns="text"), {}, "missing 'text'"),
        (OWN, {"topic": "subject"}, "missing 'subject'"),
        (OWN, {"groups": ["left", "centre"]}, r"group 'centre'.*most frequent there: left \(10\)"),
        (OWN.assign(group=["", *OWN["group"][1:]]), {}, "group in row 2"),
        (OWN.assign(text=[*OWN["text"][:4], "", *OWN["text"][5:]]), {}, "text in row 6"),
    ],
)
def test_errors_of_own_texts(save, frame, how, words):
    with pytest.raises(InputError, match=words):
        labelled_texts.load(save(frame), **how)


def entries():
    groups = ["American"] * 6 + ["Americans"] * 4 + ["Japanese"] * 10
    return pd.DataFrame(
        {
            "cluster_id": range(20),
            "cultural group": groups,
            "context": "in restaurants",
            "actor_behavior": [f"acts {n}" for n in range(20)],
            "topic": "Food",
            "agreement": [0.4 if n in {0, 10} else 0.8 for n in range(20)],
            "eval_whole_desc": [f"The {group} way {n}." for n, group in enumerate(groups)],
        }
    )


def test_culturebank_entries_that_are_agreed_on(save):
    groups = {"American": ["American", "Americans"], "Japanese": ["Japanese"]}
    loaded = culturebank.load(save(entries()), groups=groups)
    found = everything(loaded.corpus)
    assert len(found["American"]) == len(found["Japanese"]) == 9
    assert Text(POST_PROMPT.format(topic="Food"), " The Americans way 7.") in found["American"]
    short = culturebank.load(save(entries()), groups=groups, text="actor_behavior", agreement=0.0)
    assert " acts 0" in {text.text for text in everything(short.corpus)["American"]}


def test_culturebank_errors(save):
    with pytest.raises(InputError, match=r"huggingface\.co/datasets/SALT-NLP/CultureBank"):
        culturebank.load(groups={"American": ["American"]})
    with pytest.raises(InputError, match=r"name the groups; most frequent: Japanese \(9\), American \(5\)"):
        culturebank.load(save(entries()))
    with pytest.raises(InputError, match="missing 'eval_whole_desc'"):
        culturebank.load(save(entries().drop(columns="eval_whole_desc")), groups={"A": ["American"]})
    with pytest.raises(InputError, match="agreement in row 2"):
        culturebank.load(save(entries().assign(agreement="high")), groups={"A": ["American"]})


def bignews(folder, count=60):
    for name in politics.SIDES.values():
        articles = [
            {
                "title": f"{name} {n}",
                "text": [f"{name} first {n}.", "", "second, with ] and {", "third"],
                "date": "2020",
            }
            for n in range(count)
        ]
        (folder / f"BIGNEWSBLN_{name}.json").write_text(json.dumps(articles, indent=1), encoding="utf-8")
    return folder


@pytest.mark.parametrize("chunk", [7, 64, 1 << 20])
def test_articles_drawn_from_the_whole_file(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(politics, "CHUNK", chunk)
    folder = bignews(tmp_path)
    loaded = politics.load(folder, articles=20, seed=3)
    found = everything(loaded.corpus)
    assert tuple(found) == ("Left", "Center", "Right")
    assert all(len(texts) == 20 for texts in found.values())
    numbers = {int(text.text.split(".")[0].split()[-1]) for text in found["Left"]}
    assert max(numbers) >= 40
    one = next(text for text in found["Left"] if text.text.startswith(" left first"))
    assert one.text.endswith("second, with ] and {")
    assert one.prompt.startswith("Topic: left ")
    assert loaded.corpus == politics.load(folder, articles=20, seed=3).corpus
    assert loaded.corpus != politics.load(folder, articles=20, seed=4).corpus


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"text": []}', "expected a JSON list"),
        ('[{"text": ["a"]}, {"text": ["b"', "article 2.*breaks off"),
        ('[{"text": ["a"]}, {"text": []}]', "article 2.*with some text"),
        ('[{"text": ["a"]}, {"body": "b"}]', "article 2.*with some text"),
        ('[{"text": ["", " "]}, {"text": "b"}]', "article 1.*no text in it"),
        ('[{"text": ["a"]}, oops]', "article 2.*not JSON"),
    ],
)
def test_broken_articles_are_named(tmp_path, content, words):
    bignews(tmp_path)
    (tmp_path / "BIGNEWSBLN_center.json").write_text(content)
    with pytest.raises(InputError, match=words):
        politics.load(tmp_path)


def test_politics_without_files(tmp_path):
    with pytest.raises(InputError, match=r"github.com/launchnlp/POLITICS"):
        politics.load()
    with pytest.raises(InputError, match=r"no BIGNEWSBLN_left\.json in it"):
        politics.load(tmp_path)
