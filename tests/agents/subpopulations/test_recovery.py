"""A classifier that knows the corpus recovers who wrote, and refuses voices or corpora it can't tell apart."""

import numpy as np
import pytest

from agents.language.protocol import Completion
from agents.language.synthetic import SyntheticLanguageModel
from agents.subpopulations.bigfive.material import TRAITS, posts
from agents.subpopulations.corpus import Corpus, Text
from agents.subpopulations.recovery import GroupClassifier, recover_groups
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.errors import InputError

GROUPS = ("a", "b", "c")
MODELS = tuple(SubpopulationModel(group=name, share=1 / 3, adapter=name) for name in GROUPS)


def texts(group, numbers):
    return tuple(Text(f"Topic: {n}\nPost:", f" {group} {n}") for n in numbers)


CORPUS = Corpus({g: texts(g, range(8)) for g in GROUPS}, {g: texts(g, range(8, 11)) for g in GROUPS})


class Names:
    """A direction for each group's name at the start of a text, and a little of the text's number."""

    def embed(self, said):
        rows = np.zeros((len(said), 4))
        for row, text in zip(rows, said, strict=True):
            row[3] = 0.1
            if text[:1] in GROUPS:
                row[GROUPS.index(text[0])] = 1.0
        return rows


class Writer(SyntheticLanguageModel):
    """Writes for another group in a share of posts, given by group."""

    def __init__(self, strays):
        super().__init__(GROUPS)
        self.strays = strays

    def generate(self, requests):
        self.asked = list(requests)
        return [Completion(text=f" {self.speaker(r)} again", tokens=3, finish_reason="stop") for r in requests]

    def speaker(self, request):
        stray = np.random.default_rng(request.seed).random() < self.strays[request.adapter]
        own = GROUPS.index(request.adapter)
        return GROUPS[(own + 1) % 3 if stray else own]


def recover(strays=(0.0, 0.0, 0.0), required=0.5, models=MODELS, corpus=CORPUS, number=40):
    language = Writer(dict(zip(GROUPS, strays, strict=True)))
    return language, recover_groups(language, models, corpus, Names(), required=required, posts=number)


def test_faithful_voices_are_recovered_and_prompts_are_the_held_out_ones():
    language, found = recover()
    assert np.array_equal(found.confusion, np.eye(3))
    assert (found.groups, found.heldout, found.posts, found.passed) == (GROUPS, 1.0, 40, True)
    found.require()
    assert {r.prompt for r in language.asked} == {f"Topic: {n}\nPost:" for n in range(8, 11)}
    assert len({r.seed for r in language.asked}) == 120


def test_a_voice_that_strays_is_named_with_whom_it_is_taken_for():
    _, found = recover(strays=(0.1, 0.8, 0.0), number=200)
    np.testing.assert_allclose(found.recovered, [0.9, 0.2, 1.0], atol=0.1)
    assert found.confusion[1, 2] == pytest.approx(1 - found.recovered[1])
    with pytest.raises(InputError, match="taken for c") as caught:
        found.require()
    assert caught.value.field == "posts of b recovered by a classifier"


def test_a_corpus_whose_groups_are_alike_is_refused_before_any_voice():
    alike = {g: texts("a", range(8)) for g in GROUPS}
    corpus = Corpus(alike, {g: texts("a", range(8, 11)) for g in GROUPS})
    with pytest.raises(InputError, match="too alike"):
        recover(corpus=corpus)[1].require()


def test_order_of_models_permutes_the_figures():
    _, found = recover(strays=(0.3, 0.8, 0.0))
    _, turned = recover(strays=(0.3, 0.8, 0.0), models=MODELS[::-1])
    assert np.array_equal(turned.confusion, found.confusion[::-1, ::-1])


def test_other_groups_than_the_corpus_has_are_refused():
    with pytest.raises(InputError, match="groups of the corpus"):
        recover(models=MODELS[:2])


def test_real_embeddings_tell_the_trait_groups_posts_apart(embedder):
    classifier = GroupClassifier({name: posts(trait, "train") for trait, name in TRAITS.items()}, embedder)
    heldout = {name: [text.text for text in posts(trait, "heldout")] for trait, name in TRAITS.items()}
    assert np.diag(classifier.confusion(heldout)).min() >= 0.75
    strangers = {name: ["The capital of France is Paris.", "Two and two are four."] for name in heldout}
    assert np.diag(classifier.confusion(strangers)).mean() == pytest.approx(0.2)  # the same to every group
