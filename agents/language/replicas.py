"""Several servers of one model behind one language model: a round is shared out, and outlives the loss of a server."""

from __future__ import annotations

import asyncio
import math
from asyncio import Queue
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from agents.language.openai_endpoint import (
    CHUNK,
    CONCURRENCY,
    SCORED_AT_ONCE,
    EndpointUnavailable,
    OpenAIEndpoint,
    all_or_none,
    chunks_of,
    run_anywhere,
)
from agents.language.protocol import ChoiceRequest, ChoiceScore, Completion, GenerationRequest, LanguageModelError
from agents.language.scoring import choice_scores, distinct
from agents.language.tokens import ScoredSequence

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from agents.language.openai_endpoint import Job

    Work = Callable[[OpenAIEndpoint], Job]

LEAST_AT_ONCE = 8  # requests: a server that has fewer computes steps that are nearly empty


class Replica(Protocol):
    """A server of the model: a vLLM server of our own, or an endpoint that somebody else runs."""

    name: str

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def connected(self) -> OpenAIEndpoint:
        """The way to the server as it runs now."""
        ...

    def revive(self, cause: EndpointUnavailable) -> None:
        """Make it answer again after a failure; a LanguageModelError says that it won't."""
        ...


class Replicas:
    """A language model served several times over.

    A server gets half of its even share at first and a request more for each that it answered: the one with the fewest
    requests outstanding is served next, so a slow one does less. Where a server fails, the others take over what it
    owed, while it is started again if it is ours; one that can't be is left out from then on. Each request carries its
    own seed, so who answers changes nothing (exactly in float32; in bfloat16 as far as a batch's neighbours do).

    Args:
        members: The servers, all of the same model with the same adapters.
        report: Gets a line for each server that is lost.

    Attributes:
        lost: Names of the servers that were left out, in the order of their loss.
    """

    def __init__(self, members: Sequence[Replica], report: Callable[[str], None]) -> None:
        if not members:
            raise LanguageModelError("replicas: no server; name at least one.")
        # What follows the @ is where a model happens to run: it says nothing about its answers.
        self.name = f"{members[0].name.partition('@')[0]}@{len(members)} replicas"
        self.lost: list[str] = []
        self._all = list(members)
        self._alive: list[Replica] = []
        self._report = report
        self._reviving: dict[Replica, Future[None]] = {}
        self._tokens: OpenAIEndpoint | None = None  # the first endpoint's tokenizer outlives its server
        self._stack = ExitStack()
        self._threads = ThreadPoolExecutor(max_workers=len(members))

    @property
    def restarts(self) -> int:
        """How often a server had to be started again or was left out."""
        return sum(int(getattr(member, "restarts", 0)) for member in self._all) + len(self.lost)

    def __enter__(self) -> Self:
        """Make every server ready, all at once."""
        from transformers import AutoTokenizer  # noqa: F401 - its lazy import fails in two threads at once

        with ExitStack() as stack:
            with ThreadPoolExecutor(max_workers=len(self._all)) as threads:
                entering = [threads.submit(member.__enter__) for member in self._all]
                for member, entered in zip(self._all, entering, strict=True):
                    stack.callback(_leave, member, entered)
            for entered in entering:
                entered.result()
            self._stack = stack.pop_all()
        self._alive = list(self._all)
        self._tokens = self._all[0].connected()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop or leave every server; one that is being started again is waited for, else it would stay behind."""
        self._alive, self._tokens = [], None
        self._threads.shutdown(cancel_futures=True)
        self._stack.close()

    def generate(self, requests: Sequence[GenerationRequest]) -> list[Completion]:
        """Write one text per request."""
        answers: dict[int, Completion] = {}

        def work(number: int, request: GenerationRequest) -> Work:
            return lambda endpoint: endpoint.writing(number, request, answers)

        at_once = max(LEAST_AT_ONCE, self._half_a_share(requests))
        self._share_out([work(i, request) for i, request in enumerate(requests)], min(at_once, CONCURRENCY))
        return [answers[number] for number in range(len(requests))]

    def choice_logprobs(self, requests: Sequence[ChoiceRequest]) -> list[ChoiceScore]:
        """Score the options of each request."""
        asked = self._reader().sequences(requests)
        totals: dict[ScoredSequence, float] = {}

        def work(chunk: Sequence[ScoredSequence]) -> Work:
            return lambda endpoint: endpoint.scoring(chunk, totals)

        sequences = distinct(asked)
        works = [work(chunk) for chunk in chunks_of(sequences, min(CHUNK, self._half_a_share(sequences)))]
        self._share_out(works, min(SCORED_AT_ONCE, self._half_a_share(works)))
        return choice_scores(asked, totals)

    def _half_a_share(self, of: Sequence[object]) -> int:
        """Half of a server's even share, at least one."""
        return max(1, math.ceil(len(of) / 2 / max(1, len(self._alive))))

    def _reader(self) -> OpenAIEndpoint:
        if self._tokens is None:
            raise LanguageModelError(f"{self.name}: not connected. Use it inside a `with` block.")
        return self._tokens

    def _share_out(self, works: Sequence[Work], at_once: int) -> None:
        if works:
            run_anywhere(self._all_done(works, at_once))

    async def _all_done(self, works: Sequence[Work], at_once: int) -> None:
        """Serve all works; raises what is no server's fault, or that no server is left."""
        queue: Queue[Work] = Queue()
        for work in works:
            queue.put_nowait(work)
        finished = asyncio.create_task(queue.join())
        serving = {asyncio.create_task(self._serve(member, queue, at_once)) for member in self._alive}
        try:
            while not finished.done():
                if not serving:
                    last = f"; the last was {self.lost[-1]}" if self.lost else ""
                    raise LanguageModelError(f"{self.name}: no server is left{last}. Their logs say more.")
                ended, _ = await asyncio.wait({finished, *serving}, return_when=asyncio.FIRST_COMPLETED)
                for task in ended & serving:
                    serving.remove(task)
                    task.result()
        finally:
            for task in (finished, *serving):
                task.cancel()
            await asyncio.gather(finished, *serving, return_exceptions=True)

    async def _serve(self, member: Replica, queue: Queue[Work], at_once: int) -> None:
        """Have a server work off the queue, started again where it fails, until it is lost."""
        while True:
            try:
                if member in self._reviving:
                    await asyncio.shield(asyncio.wrap_future(self._reviving[member]))
                    del self._reviving[member]
            except LanguageModelError as error:
                self._lose(member, error)
                return
            endpoint = member.connected()
            try:
                async with endpoint.client() as client:
                    await all_or_none([_lane(endpoint, client, queue) for _ in range(at_once)])
            except EndpointUnavailable as error:
                self._reviving[member] = self._threads.submit(member.revive, error)

    def _lose(self, member: Replica, error: LanguageModelError) -> None:
        self._alive.remove(member)
        self.lost.append(member.name)
        left = f"{len(self._alive)} of {len(self._all)} are left"
        self._report(f"language model: a server is lost, the others do its part; {left}: {error}")


async def _lane(endpoint: OpenAIEndpoint, client: AsyncOpenAI, queue: Queue[Work]) -> None:
    """One request after the other; one that fails goes back for whoever is next."""
    while True:
        work = await queue.get()
        try:
            await endpoint.done(work(endpoint), client)
        except BaseException:
            queue.put_nowait(work)
            raise
        finally:
            queue.task_done()


def _leave(member: Replica, entered: Future[Replica]) -> None:
    if not entered.cancelled() and entered.exception() is None:
        member.__exit__(None, None, None)
