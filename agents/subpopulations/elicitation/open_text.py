"""Open questions: groups answer in free text, and sentence embeddings say how alike and how spread they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.language.embeddings import Embedder
from agents.language.protocol import GenerationRequest, LanguageModel
from agents.subpopulations.elicitation.questions import check_wordings
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.arrays import Array, whole_number
from sim.errors import InputError
from sim.randomness import request_seed


@dataclass(frozen=True, eq=False, kw_only=True)
class OpenAnswers:
    """Free texts of groups and their embeddings, by prompt.

    Attributes:
        groups: Group names, length G.
        questions: Open questions or topics, length Q.
        wordings: Prompts the questions were put in, length P.
        texts: What was written, shape (Q, P, G, N); "" where a model was silent.
        embeddings: Embeddings of the texts, rows of length one, shape (Q, P, G, N, F).
        answered: Whether there is a text, shape (Q, P, G, N); silent ones count nowhere below.
    """

    groups: tuple[str, ...]
    questions: tuple[str, ...]
    wordings: tuple[str, ...]
    texts: NDArray[np.str_]
    embeddings: Array
    answered: NDArray[np.bool_]

    def means(self) -> Array:
        """Mean embedding of each group's answers to each question, shape (G, Q, F)."""
        kept = self.embeddings * self.answered[..., None]
        mean: Array = kept.sum(axis=(1, 3)) / self.answered.sum(axis=(1, 3))[..., None]
        return mean.swapaxes(0, 1)

    def means_by_prompt(self) -> Array:
        """The same by prompt, shape (P, G, Q, F): prompts are the clusters to resample.

        A group silent to a prompt has its mean over the others.
        """
        number = self.answered.sum(axis=3)[..., None]
        own = (self.embeddings * self.answered[..., None]).sum(axis=3) / np.maximum(number, 1)
        filled: Array = np.where(number > 0, own, self.means().swapaxes(0, 1)[:, None])
        return filled.transpose(1, 2, 0, 3)

    def spread(self) -> Array:
        """Spread inside each group, v_g = mean_q E|f(Y) - E f(Y)|^2, unbiased, shape (G,): the v of gram+spread."""
        number = self.answered.sum(axis=(1, 3)).T
        mean = self.means()
        within = 1.0 - (mean**2).sum(axis=2)  # embeddings have length one
        unbiased: Array = (within * number / (number - 1)).mean(axis=1)
        return unbiased

    def cosine(self) -> Array:
        """S_gh = mean_q cosine of the groups' mean embeddings: positive semidefinite, unit diagonal, shape (G, G).

        Means over few texts carry noise, which lowers the cosine of groups that are alike: compare with `spread`.
        """
        mean = self.means()
        unit = mean / np.linalg.norm(mean, axis=2, keepdims=True)
        similarity: Array = np.einsum("gqf,hqf->gh", unit, unit) / len(self.questions)
        return similarity


def open_answers(
    language: LanguageModel,
    models: Sequence[SubpopulationModel],
    questions: Sequence[str],
    embedder: Embedder,
    *,
    wordings: Sequence[str] = ("Topic: {question}\nPost:",),
    samples: int = 8,
    max_tokens: int = 32,
    temperature: float = 1.0,
    most_silent: float = 0.2,
    seed: int = 0,
) -> OpenAnswers:
    """Let every group write on every question, and embed what it wrote.

    Args:
        language: The backend that serves the models.
        models: One per group.
        questions: Open questions or topics.
        embedder: Turns texts into vectors.
        wordings: Templates with {question}; the text ends at the end of the line.
        samples: Texts per group, question and wording.
        max_tokens: Longest text.
        temperature: Sampling temperature.
        most_silent: Largest share of a group's answers to a question that may be empty.
        seed: Seed of the texts.

    Returns:
        The texts and their embeddings.

    Raises:
        InputError: A group is silent too often on a question, or there are fewer than two texts of a group on it.
    """
    wordings = check_wordings(wordings, "question")
    whole_number("samples times wordings", samples * len(wordings), minimum=2)
    shape = (len(questions), len(wordings), len(models), samples)
    requests = []
    for q, p, g, n in np.ndindex(shape):
        key = f"text of {models[g].group} on {questions[q]}, {wordings[p]}, {n}"
        requests.append(
            GenerationRequest(
                prompt=models[g].persona + wordings[p].format(question=questions[q], options=""),
                adapter=models[g].adapter,
                seed=request_seed(seed, round=0, agent=-1, purpose=key),
                max_tokens=max_tokens,
                temperature=temperature,
                stop=("\n",),
            )
        )
    texts = np.array([completion.text.strip() for completion in language.generate(requests)]).reshape(shape)
    answered = texts != ""
    silent = 1.0 - answered.mean(axis=(1, 3))
    q, g = np.unravel_index(int(silent.argmax()), silent.shape)
    if silent[q, g] > most_silent or answered.sum(axis=(1, 3))[q, g] < 2:
        raise InputError(
            f"texts of {models[int(g)].group} on {questions[int(q)]!r}",
            f"{silent[q, g]:.0%} empty",
            f"at most {most_silent:.0%} may be, and at least two are needed; ask for more samples, or another wording",
        )
    embedded = embedder.embed(texts.ravel().tolist())
    return OpenAnswers(
        groups=tuple(model.group for model in models),
        questions=tuple(questions),
        wordings=wordings,
        texts=texts,
        embeddings=embedded.reshape(*shape, -1),
        answered=answered,
    )
