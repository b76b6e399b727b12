"""What is held out is never trained on, and does not depend on the order in which groups are given."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.subpopulations.corpus import Corpus, Text, split_corpus
from sim.errors import InputError

SIZES = {"calm": 12, "loud": 30, "kind": 7}
TEXTS = {group: [Text(f"Topic: {n}\nPost:", f" {group} says {n}") for n in range(k)] for group, k in SIZES.items()}


@settings(derandomize=True, max_examples=30)
@given(st.floats(0.01, 0.99), st.integers(0, 1000))
def test_a_split_parts_every_group_and_holds_out_equally_many(share, seed):
    corpus = split_corpus(TEXTS, share, seed)
    assert corpus.groups == tuple(TEXTS)
    for group, texts in TEXTS.items():
        assert not set(corpus.train[group]) & set(corpus.heldout[group])
        assert set(corpus.train[group]) | set(corpus.heldout[group]) == set(texts)
    assert len({len(own) for own in corpus.heldout.values()}) == 1
    assert len(corpus.heldout["kind"]) == min(max(1, round(share * 7)), 6)


def test_the_lot_depends_on_the_seed_and_the_group_alone():
    corpus = split_corpus(TEXTS, 0.3, 1)
    turned = split_corpus(dict(reversed(TEXTS.items())), 0.3, 1)
    assert {g: set(t) for g, t in corpus.heldout.items()} == {g: set(t) for g, t in turned.heldout.items()}
    assert split_corpus(TEXTS, 0.3, 1) == corpus
    assert split_corpus(TEXTS, 0.3, 2) != corpus


def test_a_repeated_text_is_on_one_side_only():
    corpus = split_corpus({group: [*texts, *texts] for group, texts in TEXTS.items()})
    assert corpus == split_corpus(TEXTS)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: split_corpus(TEXTS, 0.0), "share"),
        (lambda: split_corpus({"a": TEXTS["calm"], "b": TEXTS["loud"][:1]}), "texts of 'b'"),
        (lambda: split_corpus({"a": TEXTS["calm"]}), "corpus"),
        (lambda: Corpus({"a": (Text("", "x"),), "b": ()}, {"a": (Text("", "y"),), "b": ()}), "train texts of 'b'"),
        (lambda: Corpus({"a": (Text("", "x"),), "b": (Text("", "z"),)}, {"a": (Text("", "y"),)}), "held-out groups"),
        (
            lambda: Corpus(dict.fromkeys("ab", (Text("", "x"),)), dict.fromkeys("ab", (Text("", "x"),))),
            "held-out text of 'a'",
        ),
    ],
)
def test_bad_corpora_are_named(make, field):
    with pytest.raises(InputError) as caught:
        make()
    assert caught.value.field == field
