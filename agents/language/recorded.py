"""Record what a language model answers while it answers, and replay it anywhere, byte for byte, without the model."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from agents.language.identity import sha256_of_file
from agents.language.protocol import (
    ChoiceRequest,
    ChoiceScore,
    Completion,
    GenerationRequest,
    LanguageModel,
    LanguageModelError,
)
from agents.language.recording import Answer, Recording, Request, Source
from agents.language.recording_file import read_recording, write_recording
from agents.language.request_difference import first_difference
from sim.errors import InputError


@dataclass
class Use:
    """How a recording served a run: answers taken from it, and requests that the model had to answer."""

    hits: int = 0
    misses: int = 0


class RecordedLanguageModel:
    """Answers from a recording alone; what it doesn't hold is refused.

    Args:
        path: File of the recording.
        source: Part of the backend's name or the model's revision; needed only if several models are recorded.

    Attributes:
        name: Of the backend that was recorded, so that tables which name it are the same.
        source: The model that was recorded.
        use: Hits so far.

    Raises:
        InputError: No recording, a damaged one, or not exactly one model in it of that name.
    """

    def __init__(self, path: Path, source: str = "") -> None:
        self.path = path
        self._recording = read_recording(path)
        named = [known for known in self._recording.sources.values() if source in known.id]
        if len(named) != 1:
            there = "; ".join(sorted(self._recording.sources)) or "none"
            raise InputError(
                "language.source", repr(source), f"name one of the models recorded in {path}; it holds {there}"
            )
        (self.source,) = named
        self.name = self.source.backend
        self.use = Use()

    def __enter__(self) -> Self:
        """Nothing to load."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to free."""

    def generate(self, requests: Sequence[GenerationRequest]) -> list[Completion]:
        """The recorded texts."""
        return self._found(requests)

    def choice_logprobs(self, requests: Sequence[ChoiceRequest]) -> list[ChoiceScore]:
        """The recorded scores."""
        return self._found(requests)

    def _found(self, requests: Sequence[Request]) -> list[Any]:
        answers: list[Answer] = []
        for request in requests:
            entry = self._recording.entries.get(self.source.key(request))
            if entry is None:
                known = self._recording.of(self.source, type(request))
                raise LanguageModelError(
                    f"recording {self.path}: no answer to a {type(request).__name__}: "
                    f"{first_difference(request, known)}. A replay needs the same texts, seeds and settings: "
                    "undo the change, or let the model itself answer: every run records it."
                )
            answers.append(entry.answer)
        self.use.hits += len(answers)
        return answers


class RecordingLanguageModel:
    """Another model whose answers are kept; what is known already isn't asked again.

    So a run that is recorded and its replay see the same answers, also where the model would answer a repeated request
    differently. Every batch is on the disk before it is used: a killed run loses none, and its next start goes on. Then
    the model is made ready only when something is asked that isn't known.

    Args:
        model: Who answers.
        source: What it is.
        path: File of the recording; kept and added to if it is there.

    Attributes:
        name: Of the model.
        use: Hits and misses so far.
    """

    def __init__(self, model: LanguageModel, source: Source, path: Path) -> None:
        self.name = source.backend
        self.path = path
        self.use = Use()
        self._model = model
        self._source = source
        self._recording = Recording()
        self._opened = ExitStack()
        self._ready = False

    @property
    def known(self) -> int:
        """Number of answers in the recording."""
        return len(self._recording.entries)

    @property
    def restarts(self) -> int:
        """How often the model's server was started again."""
        return int(getattr(self._model, "restarts", 0))

    def __enter__(self) -> Self:
        """Read what is recorded; if nothing is, make the model ready."""
        self._ready = False
        with ExitStack() as opened:
            opened.enter_context(_locked(self.path))
            self._recording = read_recording(self.path) if self.path.exists() else Recording()
            for part in self._parts():
                self._recording.include(read_recording(part))
            self._source = self._recording.add_source(self._source)
            opened.callback(self._save)
            if not self.known:
                opened.enter_context(self._model)
                self._ready = True
            self._opened = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Free the model and write the recording as one file, also of a run that failed."""
        self._opened.__exit__(kind, error, trace)

    def generate(self, requests: Sequence[GenerationRequest]) -> list[Completion]:
        """One text per request, from the recording or the model."""
        return self._answers(requests, self._model.generate)

    def choice_logprobs(self, requests: Sequence[ChoiceRequest]) -> list[ChoiceScore]:
        """One score per request, from the recording or the model."""
        return self._answers(requests, self._model.choice_logprobs)

    def _answers(self, requests: Sequence[Any], ask: Callable[[list[Any]], Sequence[Answer]]) -> list[Any]:
        keys = [self._source.key(request) for request in requests]
        new = {key: r for key, r in zip(keys, requests, strict=True) if key not in self._recording.entries}
        if new:
            if not self._ready:
                self._opened.enter_context(self._model)
                self._ready = True
            part = Recording()
            part.add_source(self._source)
            for request, answer in zip(new.values(), ask(list(new.values())), strict=True):
                part.add(request, answer, self._source)
            write_recording(part, self.path.with_name(f".{self.path.name}.part{self.known:09d}"))
            self._recording.include(part)
        self.use.hits += len(requests) - len(new)
        self.use.misses += len(new)
        return [self._recording.entries[key].answer for key in keys]

    def _parts(self) -> list[Path]:
        return sorted(self.path.parent.glob(f".{escape(self.path.name)}.part*[0-9]"))

    def _save(self) -> None:
        if self.known:
            write_recording(self._recording, self.path)
        for part in self._parts():
            part.unlink()


def uses_of(models: Iterable[LanguageModel]) -> list[dict[str, object]]:
    """For a manifest: the recordings of a run's models, each file once, with size, checksum, hits and misses."""
    uses: dict[Path, Use] = {}
    for model in models:
        if isinstance(model, RecordedLanguageModel | RecordingLanguageModel) and model.path.exists():
            use = uses.setdefault(model.path, Use())
            use.hits += model.use.hits
            use.misses += model.use.misses
    return [
        {"file": path.name, "sha256": sha256_of_file(path), "bytes": path.stat().st_size, **vars(use)}
        for path, use in uses.items()
    ]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                "recording", path, "another run records there; wait for it, or give each its file and merge them"
            ) from error
        yield
