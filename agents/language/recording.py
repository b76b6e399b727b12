"""What language models answered, kept under a hash of what was asked and who was asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from agents.language.identity import ModelIdentity
from agents.language.protocol import ChoiceRequest, ChoiceScore, Completion, GenerationRequest
from sim.errors import InputError

Request = GenerationRequest | ChoiceRequest
Answer = Completion | ChoiceScore


@dataclass(frozen=True, kw_only=True)
class Source:
    """Who answered.

    Attributes:
        backend: Name of the backend, which holds its precision.
        model: What the weights are; None for a model without.
        adapters: SHA-256 of each adapter's weights, by the name requests use.
    """

    backend: str
    model: ModelIdentity | None
    adapters: Mapping[str, str]

    @cached_property
    def id(self) -> str:
        """The backend and the model's revision; adapters are told apart request by request."""
        return f"{self.backend} {self.model.revision if self.model else 'no weights'}"

    def key(self, request: Request) -> str:
        """SHA-256 of backend, model revision, adapter weights and everything in the request."""
        asked = fields_of(request) | {
            "kind": type(request).__name__,
            "source": self.id,
            "adapter": request.adapter and self.adapters.get(request.adapter, request.adapter),
        }
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Entry:
    """One answer: who gave it (`Source.id`), to what, and what it was."""

    source: str
    request: Request
    answer: Answer


@dataclass
class Recording:
    """Answers by the key of their request, and sources by their id."""

    sources: dict[str, Source] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)

    def add_source(self, source: Source) -> Source:
        """Make a source known; returns it with all adapters known of it.

        Raises:
            InputError: An adapter of that name with other weights is there already.
        """
        known = self.sources.get(source.id, source)
        for name, weights in source.adapters.items():
            if known.adapters.get(name, weights) != weights:
                raise InputError(
                    f"weights of adapter {name!r}",
                    weights[:12],
                    f"the recording knows {known.adapters[name][:12]} by that name on {source.id}; use another file",
                )
        adapters = dict(sorted({**known.adapters, **source.adapters}.items()))
        self.sources[source.id] = Source(backend=source.backend, model=source.model, adapters=adapters)
        return self.sources[source.id]

    def add(self, request: Request, answer: Answer, source: Source) -> None:
        """Keep an answer.

        Raises:
            InputError: Another answer to the same request is there already.
        """
        key = source.key(request)
        entry = Entry(source.id, request, answer)
        known = self.entries.setdefault(key, entry)
        if known is not entry and plain(known.answer) != plain(answer):
            raise InputError(
                f"answers of {source.id} to {request.prompt[-60:]!r}",
                f"{plain(known.answer)} and {plain(answer)}",
                "the recordings contradict each other; keep them in two files",
            )

    def include(self, other: Recording) -> None:
        """Take in all that another recording holds.

        Raises:
            InputError: The two contradict each other.
        """
        for source in other.sources.values():
            self.add_source(source)
        for entry in other.entries.values():
            self.add(entry.request, entry.answer, self.sources[entry.source])

    def of(self, source: Source, kind: type[Request]) -> Iterator[Request]:
        """Requests of a kind that a source answered."""
        for entry in self.entries.values():
            if entry.source == source.id and isinstance(entry.request, kind):
                yield entry.request


def fields_of(request: Request) -> dict[str, object]:
    """A request as plain values, in the order of its fields; a temperature is a float however it was written."""
    values = dict(vars(request))
    if "temperature" in values:
        values["temperature"] = float(values["temperature"])
    return values


def plain(answer: Answer) -> tuple[object, ...]:
    """An answer as values that compare bit for bit."""
    if isinstance(answer, Completion):
        return (answer.text, answer.tokens, answer.finish_reason)
    return (tuple(x.hex() for x in answer.logprobs.tolist()), tuple(answer.tokens.tolist()))
