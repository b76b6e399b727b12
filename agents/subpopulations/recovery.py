"""Recovered groups: a classifier trained on the corpus must tell who wrote a model's posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.language.embeddings import Embedder
from agents.language.protocol import GenerationRequest, LanguageModel
from agents.subpopulations.corpus import Corpus, Text
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.arrays import Array, whole_number
from sim.errors import InputError
from sim.randomness import request_seed

INVERSE_PENALTY = 10.0  # of the classifier's weights; 1 to 100 recover the same groups of the shipped adapters


@dataclass(frozen=True, eq=False)
class Recovery:
    """What a classifier made of the models' posts.

    Attributes:
        groups: Group names, the order of every axis below.
        confusion: Share of the posts written by group g's model that were taken for group h's, shape (G, G).
        heldout: Share of the corpus's held-out texts whose group the classifier finds: how good it is itself.
        required: Share that every group, and the classifier itself, must reach.
        posts: Posts per group.
    """

    groups: tuple[str, ...]
    confusion: Array
    heldout: float
    required: float
    posts: int

    @property
    def recovered(self) -> Array:
        """Share of each group's posts taken for its own, shape (G,); by chance 1/G."""
        return np.diag(self.confusion).copy()

    @property
    def passed(self) -> bool:
        """Whether the classifier knows the groups and recovers each of them."""
        return bool(self.heldout >= self.required and (self.recovered >= self.required).all())

    def require(self) -> None:
        """Refuse voices that a classifier can't tell apart.

        Raises:
            InputError: Names the group least recovered, or the classifier if it doesn't know the corpus itself.
        """
        if self.passed:
            return
        if self.heldout < self.required:
            where, value = "held-out texts whose group a classifier finds", self.heldout
            remedy = "the groups' own texts are too alike, or too few, to tell who writes: give more, or other groups"
        else:
            weakest = int(self.recovered.argmin())
            where, value = f"posts of {self.groups[weakest]} recovered by a classifier", self.recovered[weakest]
            taken = self.groups[int(self.confusion[weakest].argmax())]
            remedy = f"most are taken for {taken}; train longer, or give texts that differ more"
        raise InputError(where, f"{value:.0%}", f"below the required {self.required:.0%}: {remedy}")


class GroupClassifier:
    """Multinomial logistic regression on sentence embeddings; every group weighs the same, however many its texts.

    Args:
        texts: Group -> texts to learn from.
        embedder: Turns texts into vectors.
    """

    def __init__(self, texts: Mapping[str, Sequence[Text]], embedder: Embedder) -> None:
        from sklearn.linear_model import LogisticRegression

        self.groups = tuple(texts)
        self._embedder = embedder
        self._model = LogisticRegression(C=INVERSE_PENALTY, class_weight="balanced", max_iter=2000)
        labels = np.repeat(np.arange(len(texts)), [len(own) for own in texts.values()])
        self._model.fit(embedder.embed([text.text.strip() for own in texts.values() for text in own]), labels)

    def confusion(self, texts: Mapping[str, Sequence[str]]) -> Array:
        """Share of each group's texts taken for each group, shape (G, G); rows sum to one."""
        taken = [self._model.predict(self._embedder.embed([t.strip() for t in texts[group]])) for group in self.groups]
        return np.stack([np.bincount(own, minlength=len(self.groups)) / len(own) for own in taken])


def recover_groups(
    language: LanguageModel,
    models: Sequence[SubpopulationModel],
    corpus: Corpus,
    embedder: Embedder,
    *,
    required: float,
    posts: int = 20,
    max_tokens: int = 24,
    seed: int = 0,
) -> Recovery:
    """Let every model write after the held-out prompts, and let a classifier trained on the corpus say who wrote.

    Args:
        language: The backend that serves the models.
        models: One per group of the corpus.
        corpus: The classifier learns from its training texts; prompts are those of its held-out ones.
        embedder: Turns texts into vectors.
        required: Share of posts that must be recovered, in every group.
        posts: Posts per group; prompts are taken in turn.
        max_tokens: Longest post; it also ends at the end of the line. An empty one counts as any other.
        seed: Seed of the posts.

    Returns:
        The classifier's figures; call `.require()` to enforce them.

    Raises:
        InputError: The models' groups are not the corpus's.
    """
    whole_number("posts", posts, minimum=1)
    groups = tuple(model.group for model in models)
    if set(groups) != set(corpus.groups):
        raise InputError("groups of the corpus", list(corpus.groups), f"expected those of the models: {list(groups)}")
    classifier = GroupClassifier({group: corpus.train[group] for group in groups}, embedder)
    requests = []
    for model in models:
        prompts = list(dict.fromkeys(text.prompt for text in corpus.heldout[model.group]))
        for n in range(posts):
            requests.append(
                GenerationRequest(
                    prompt=model.persona + prompts[n % len(prompts)],
                    adapter=model.adapter,
                    seed=request_seed(seed, round=0, agent=-1, purpose=f"post {n} of {model.group} to recover"),
                    max_tokens=max_tokens,
                    stop=("\n",),
                )
            )
    written = [completion.text for completion in language.generate(requests)]
    own = classifier.confusion({group: [text.text for text in corpus.heldout[group]] for group in groups})
    numbers = np.array([len(corpus.heldout[group]) for group in groups])
    return Recovery(
        groups=groups,
        confusion=classifier.confusion({g: written[i * posts : (i + 1) * posts] for i, g in enumerate(groups)}),
        heldout=float(np.diag(own) @ numbers / numbers.sum()),
        required=required,
        posts=posts,
    )
