"""Free text: means, spread and cosine are what the embeddings say, silent answers count nowhere."""

import numpy as np
import pytest

from agents.language.protocol import Completion
from agents.language.synthetic import SyntheticLanguageModel
from agents.subpopulations.elicitation import open_answers
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.errors import InputError
from sim.estimation import EmbeddingCosine, OpinionTable

GROUPS = ("calm", "loud", "kind")
MODELS = tuple(SubpopulationModel(group=name, share=1 / 3, adapter=name) for name in GROUPS)
WORDS = {
    "calm": ["I like quiet evenings.", "Silence is golden.", "A book and some tea."],
    "loud": ["Party all night!", "Turn the music up!", "Dance, dance, dance!"],
    "kind": ["I like quiet nights.", "Peace and silence.", "Reading with a cup of tea."],
}


class Writer(SyntheticLanguageModel):
    """Says one of its group's sentences, by seed; says nothing in a share of answers."""

    def __init__(self, silent=0.0):
        super().__init__(GROUPS)
        self.silent = silent

    def generate(self, requests):
        self.asked = list(requests)
        return [Completion(text=self.write(r), tokens=3, finish_reason="stop") for r in requests]

    def write(self, request):
        rng = np.random.default_rng(request.seed)
        return "" if rng.random() < self.silent else f" {rng.choice(WORDS[request.adapter])}\n"


class Directions:
    """Each sentence a direction of its own, one shared by all: cosines are known by counting."""

    def __init__(self):
        self.known = [word for own in WORDS.values() for word in own]

    def embed(self, texts):
        rows = np.zeros((len(texts), 10))
        for n, text in enumerate(texts):
            rows[n, 9] = 0.6
            rows[n, self.known.index(text) if text else 9] = 0.8
        return rows


def ask(language, embedder, **settings):
    return open_answers(language, MODELS, ["evenings", "weekends"], embedder, **{"samples": 6, **settings})


def test_means_spread_and_cosine_by_hand():
    found = ask(Writer(), Directions(), wordings=("{question}:", "On {question}:"))
    assert found.embeddings.shape == (2, 2, 3, 6, 10)
    assert found.answered.all()
    for g in range(3):
        for q in range(2):
            own = found.embeddings[q, :, g].reshape(12, 10)
            np.testing.assert_allclose(found.means()[g, q], own.mean(axis=0), atol=1e-12)
            np.testing.assert_allclose(found.means_by_prompt()[1, g, q], own[6:].mean(axis=0), atol=1e-12)
    spread = [
        np.mean([found.embeddings[q, :, g].reshape(12, 10).var(axis=0, ddof=1).sum() for q in range(2)])
        for g in range(3)
    ]
    np.testing.assert_allclose(found.spread(), spread, atol=1e-12)
    similarity = found.cosine()
    np.testing.assert_allclose(np.diag(similarity), 1.0)
    means = found.means()
    by_hand = np.mean(
        [means[0, q] @ means[1, q] / np.linalg.norm(means[0, q]) / np.linalg.norm(means[1, q]) for q in range(2)]
    )
    assert similarity[0, 1] == pytest.approx(by_hand)
    assert np.linalg.eigvalsh(similarity).min() > -1e-12
    table = OpinionTable(
        groups=GROUPS, shares=np.full(3, 1 / 3), questions=("q",), probabilities=(np.full((3, 2), 0.5),)
    )
    np.testing.assert_allclose(EmbeddingCosine(vectors=means)(table), similarity, atol=1e-12)


def test_silent_answers_count_nowhere_and_too_many_are_refused():
    found = ask(Writer(silent=0.3), Directions(), samples=20, most_silent=0.6)
    assert 0.1 < 1 - found.answered.mean() < 0.5
    own = found.embeddings[0, 0, 0][found.answered[0, 0, 0]]
    np.testing.assert_allclose(found.means()[0, 0], own.mean(axis=0), atol=1e-12)
    with pytest.raises(InputError, match="empty") as caught:
        ask(Writer(silent=0.9), Directions(), samples=20)
    assert caught.value.field.startswith("texts of ")


def test_requests_carry_wording_persona_and_seeds_of_their_own():
    language = Writer()
    open_answers(
        language,
        [SubpopulationModel(group="calm", share=1.0, adapter="calm", persona="Hush. ")],
        ["tea {hot}"],
        Directions(),
        wordings=("Topic: {question}\nPost:",),
        samples=3,
        max_tokens=7,
        temperature=0.5,
    )
    assert {(r.prompt, r.max_tokens, r.temperature, r.stop) for r in language.asked} == {
        ("Hush. Topic: tea {hot}\nPost:", 7, 0.5, ("\n",))
    }
    assert len({r.seed for r in language.asked}) == 3


def test_relabelling_groups_permutes_everything():
    found = ask(Writer(), Directions())
    turned = open_answers(Writer(), MODELS[::-1], ["evenings", "weekends"], Directions(), samples=6)
    np.testing.assert_allclose(turned.cosine(), found.cosine()[::-1, ::-1], atol=1e-12)
    np.testing.assert_allclose(turned.spread(), found.spread()[::-1], atol=1e-12)


def test_real_embeddings_find_the_groups_that_mean_the_same(embedder):
    similarity = ask(Writer(), embedder).cosine()
    assert similarity[0, 2] > similarity[0, 1] + 0.2
    assert similarity[0, 2] > similarity[1, 2] + 0.2
