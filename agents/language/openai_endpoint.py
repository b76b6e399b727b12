"""Client of a vLLM server, local or remote, over the OpenAI completions interface."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from agents.language.adapters import check_known
from agents.language.protocol import (
    ChoiceRequest,
    ChoiceScore,
    Completion,
    GenerationRequest,
    LanguageModelError,
)
from agents.language.replies import Interrupted, read_completion, read_models, read_totals
from agents.language.scoring import choice_scores, distinct
from agents.language.tokens import ScoredSequence, TextCodec

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    Job = Callable[[AsyncOpenAI], Awaitable[None]]

SEEDS = 2**63  # the servers' seeds are signed 64-bit numbers
CONCURRENCY = 256  # a round of two hundred accounts at once
CHUNK = 32  # sequences of one adapter scored by one HTTP request
SCORED_AT_ONCE = 4  # such requests under way: enough to fill the server's steps, and none waits long for its answer
# A model folder's generation_config.json may set other defaults: say what is meant.
PLAIN_SAMPLING = {"top_k": 0, "min_p": 0.0, "repetition_penalty": 1.0}


class EndpointUnavailable(LanguageModelError):
    """The server can't be reached, doesn't answer in time, or fails (5xx): a later try may succeed."""


class OpenAIEndpoint:
    """A language model behind a vLLM server's OpenAI-compatible interface.

    Prompts are sent as token ids, tokenised here, so that scores agree with the other backends. Requests
    are sent at once, `concurrency` at a time: the server batches them.

    Args:
        base_url: Address of the interface, such as http://127.0.0.1:8000/v1.
        model: Name under which the server serves the base model.
        tokenizer_folder: Folder with the model's tokenizer.
        adapters: Our name of each adapter to the name under which the server serves it.
        api_key: The key itself. It is never shown or logged.
        api_key_env: Or the name of the environment variable that holds it.
        timeout: Seconds until the whole answer to one HTTP request is there, however slowly it comes.
        retries: How often a request is sent again after a lost connection, a server error (5xx) or "too many" (429).
        retry_delay: Seconds before the first such retry; doubles with each.
        concurrency: Most generation requests under way at once.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        tokenizer_folder: Path,
        adapters: Mapping[str, str] | None = None,
        *,
        api_key: str | None = None,
        api_key_env: str | None = None,
        timeout: float = 600.0,
        retries: int = 2,
        retry_delay: float = 0.5,
        concurrency: int = CONCURRENCY,
    ) -> None:
        self.name = f"endpoint:{model}@{base_url}"
        if not _is_address(base_url):
            raise LanguageModelError(f"{self.name}: no address of a server; give one like http://127.0.0.1:8000/v1.")
        if timeout <= 0 or retries < 0:
            raise LanguageModelError(f"{self.name}: timeout = {timeout:g}, retries = {retries}: give > 0 and >= 0.")
        self._base_url = base_url
        self._model = model
        self._tokenizer_folder = Path(tokenizer_folder)
        self._adapters = dict(adapters or {})
        self._key = _key(api_key, api_key_env)
        self._timeout = timeout
        self._retries = retries
        self._retry_delay = retry_delay
        self._concurrency = concurrency
        self._codec: TextCodec | None = None

    def __enter__(self) -> Self:
        """Check that the server answers and serves the model and every adapter."""
        self._codec = TextCodec(self._tokenizer_folder)
        served: list[str] = []

        async def ask(client: AsyncOpenAI) -> None:
            reply = await self._send(client.models.with_raw_response.list)
            served.extend(read_models(str(reply.text)))

        self._run([ask])
        missing = sorted({self._model, *self._adapters.values()} - set(served))
        if missing:
            raise LanguageModelError(
                f"{self.name}: the server does not serve {missing}; it serves {sorted(served)}. "
                "Load them there (--lora-modules), or mend the names."
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget the tokenizer; connections live only as long as a call."""
        self._codec = None

    def generate(self, requests: Sequence[GenerationRequest]) -> list[Completion]:
        """Write one text per request."""
        answers: dict[int, Completion] = {}
        self.generate_into(requests, answers)
        return [answers[number] for number in range(len(requests))]

    def choice_logprobs(self, requests: Sequence[ChoiceRequest]) -> list[ChoiceScore]:
        """Score the options of each request."""
        asked = self.sequences(requests)
        totals: dict[ScoredSequence, float] = {}
        self.score_into(distinct(asked), totals)
        return choice_scores(asked, totals)

    def sequences(self, requests: Sequence[ChoiceRequest]) -> list[list[ScoredSequence]]:
        """Token sequences that answer choice requests."""
        return self._ready([r.adapter for r in requests]).scored_sequences(requests)

    def generate_into(self, requests: Sequence[GenerationRequest], answers: MutableMapping[int, Completion]) -> None:
        """Ask for what is missing in `answers`; what came before a failure stays there.

        Args:
            requests: A round of requests.
            answers: Number of a request to its completion; filled.
        """
        self._ready([r.adapter for r in requests])
        self._run([self.writing(i, request, answers) for i, request in enumerate(requests) if i not in answers])

    def score_into(self, sequences: Sequence[ScoredSequence], totals: MutableMapping[ScoredSequence, float]) -> None:
        """Score what is missing in `totals`; what came before a failure stays there.

        Args:
            sequences: Distinct sequences.
            totals: Sequence to the total log-probability of its option (nats); filled.
        """
        missing = [sequence for sequence in sequences if sequence not in totals]
        jobs = [self.scoring(chunk, totals) for chunk in chunks_of(missing, CHUNK)]
        self._run(jobs, at_once=min(SCORED_AT_ONCE, self._concurrency))

    def writing(self, number: int, request: GenerationRequest, answers: MutableMapping[int, Completion]) -> Job:
        """The job of asking for one text, which goes into `answers` under its number."""
        codec = self._ready([request.adapter])

        async def ask(client: AsyncOpenAI) -> None:
            body = await self._complete(
                client,
                request.adapter,
                prompt=codec.prompt_ids(request.prompt),
                seed=request.seed % SEEDS,
                max_tokens=request.max_tokens,
                temperature=request.temperature,
                top_p=1.0,
                stop=list(request.stop) or None,
                extra_body=PLAIN_SAMPLING,
            )
            answers[number] = read_completion(body)

        return ask

    def scoring(self, chunk: Sequence[ScoredSequence], totals: MutableMapping[ScoredSequence, float]) -> Job:
        """The job of scoring sequences of one adapter by one HTTP request; their scores go into `totals`."""

        async def ask(client: AsyncOpenAI) -> None:
            body = await self._complete(
                client,
                chunk[0].adapter,
                prompt=[list(sequence.ids) for sequence in chunk],
                max_tokens=1,  # a completion can't be empty; the one token is thrown away
                temperature=0.0,
                extra_body={"prompt_logprobs": 0},  # of the prompt's own tokens only
            )
            totals.update(zip(chunk, read_totals(body, chunk), strict=True))

        return ask

    def _ready(self, adapters: Sequence[str | None]) -> TextCodec:
        if self._codec is None:
            raise LanguageModelError(f"{self.name}: not connected. Use it inside a `with` block.")
        for adapter in adapters:
            check_known(adapter, self._adapters, self.name)
        return self._codec

    async def _complete(self, client: AsyncOpenAI, adapter: str | None, **settings: Any) -> str:
        model = self._model if adapter is None else self._adapters[adapter]
        create = client.completions.with_raw_response.create
        reply = await self._send(lambda: create(model=model, **settings))
        return str(reply.text)

    async def _send(self, send: Callable[[], Any]) -> Any:
        """Send one HTTP request, again after a lost connection, a 5xx or a 429."""
        import openai

        for attempt in range(self._retries + 1):
            try:
                # The client's own timeout starts anew with every byte: a server that trickles would hold us forever.
                async with asyncio.timeout(self._timeout):
                    return await send()
            except (openai.APITimeoutError, TimeoutError) as error:
                raise EndpointUnavailable(
                    f"{self.name}: no answer within {self._timeout:g} s. Is the server overloaded? "
                    "Raise the timeout or lower the concurrency."
                ) from error
            except (openai.APIConnectionError, openai.InternalServerError, openai.RateLimitError) as error:
                if attempt == self._retries:
                    raise EndpointUnavailable(
                        f"{self.name}: failed {attempt + 1} times, last: {self._shown(error)}. "
                        "Is the server running at this address? Its log says more."
                    ) from error
            except openai.AuthenticationError as error:
                raise LanguageModelError(
                    f"{self.name}: the server refuses the API key. Check api_key or api_key_env."
                ) from error
            except openai.APIError as error:
                raise LanguageModelError(
                    f"{self.name}: the server refuses the request: {self._shown(error)}"
                ) from error
            await asyncio.sleep(self._retry_delay * 2**attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    @asynccontextmanager
    async def client(self) -> AsyncIterator[AsyncOpenAI]:
        """Connections to the server, for the jobs of one event loop."""
        import openai

        # A proxy in the environment is for the world outside, not for a server on this machine.
        loopback = urlsplit(self._base_url).hostname in ("127.0.0.1", "localhost", "::1")
        http = openai.DefaultAsyncHttpxClient(trust_env=not loopback)
        async with openai.AsyncOpenAI(
            base_url=self._base_url, api_key=self._key, timeout=self._timeout, max_retries=0, http_client=http
        ) as client:
            yield client

    async def done(self, job: Job, client: AsyncOpenAI) -> None:
        """Do a job.

        Raises:
            EndpointUnavailable: A later try may succeed.
            LanguageModelError: It would not.
        """
        try:
            await job(client)
        except Interrupted as error:
            raise EndpointUnavailable(f"{self.name}: {error}") from error
        except EndpointUnavailable:
            raise
        except LanguageModelError as error:
            raise self._with_name(error) from error

    def connected(self) -> Self:
        """This endpoint: it is its own way to the server (agents/language/replicas.py)."""
        return self

    def revive(self, cause: EndpointUnavailable) -> None:
        """A server that somebody else runs can't be started again from here.

        Raises:
            EndpointUnavailable: The cause, always.
        """
        raise cause

    def _run(self, jobs: Sequence[Job], at_once: int | None = None) -> None:
        """Run jobs, `at_once` at a time; the first failure (or Ctrl-C) cancels the others and is raised."""
        if jobs:
            run_anywhere(self._gather(jobs, at_once or self._concurrency))

    async def _gather(self, jobs: Sequence[Job], at_once: int) -> None:
        gate = asyncio.Semaphore(at_once)

        async def guarded(job: Job) -> None:
            async with gate:
                await self.done(job, client)

        async with self.client() as client:
            await all_or_none([guarded(job) for job in jobs])

    def _with_name(self, error: LanguageModelError) -> LanguageModelError:
        text = str(error)
        return error if text.startswith(self.name) else type(error)(f"{self.name}: {text}")

    def _shown(self, error: Exception) -> str:
        """An error's text without the key: a server may quote the headers it got."""
        return f"{type(error).__name__}: {error}".replace(self._key, "***")[:500]


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that don't match, a port that is no number
        return False


def _key(api_key: str | None, api_key_env: str | None) -> str:
    if api_key is not None:
        return api_key
    if api_key_env is None:
        return "none"  # a server without a key ignores it; the client library wants one
    key = os.environ.get(api_key_env)
    if not key:
        raise LanguageModelError(
            f"endpoint: the environment variable {api_key_env} (api_key_env) holds no API key. Set it."
        )
    return key


def chunks_of(sequences: Sequence[ScoredSequence], size: int) -> list[Sequence[ScoredSequence]]:
    """Sequences in pieces of at most `size`, each of one adapter: what one HTTP request can score."""
    chunks: list[Sequence[ScoredSequence]] = []
    for adapter in dict.fromkeys(sequence.adapter for sequence in sequences):
        own = [sequence for sequence in sequences if sequence.adapter == adapter]
        chunks += [own[start : start + size] for start in range(0, len(own), size)]
    return chunks


async def all_or_none(work: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Wait for all; the first failure cancels the others and is raised when they have ended."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def run_anywhere(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, also where an event loop runs already (notebooks)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(work)
        return
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, work).result()
