"""A language model that a run records: the shipped recording of a real one stands in for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agents.language.recorded import RecordedLanguageModel
from experiments.backends import Backend

SHIPPED = Path(__file__).parent / "recorded"
RUN = (
    *("platform.accounts=2", "platform.rounds=10", "platform.max_tokens=12", "platform.heard_share=0.5"),
    *("verdict.window=0.8", "run.seeds=2", "run.name=recorded"),
    *("language=recorded", f"language._target_={__name__}.live", f"language.path={SHIPPED / 'bigfive.parquet'}"),
)
"""A short run with it; `EQUIPOLIS_MODULES` must name this module."""


class Live:
    """Answers as the real model did, and is taken for one: what it says is recorded."""

    def __init__(self, model: RecordedLanguageModel) -> None:
        self.name = f"{model.name}@somewhere"
        self._model = model
        self._open = False

    def __enter__(self) -> Live:
        self._open = True
        return self

    def __exit__(self, *_: object) -> None:
        self._open = False

    def generate(self, requests: Any) -> Any:
        assert self._open
        return self._model.generate(requests)

    def choice_logprobs(self, requests: Any) -> Any:
        assert self._open
        return self._model.choice_logprobs(requests)


def live(*, path: str, source: str, **_: object) -> Backend:
    model = RecordedLanguageModel(Path(path), source)
    return Backend(Live(model), model.source.model, model.source.adapters)
