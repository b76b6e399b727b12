"""vLLM as a server of our own: started, watched, restarted when it dies, stopped."""

from __future__ import annotations

import http.client
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from agents.language.adapters import check_adapters
from agents.language.openai_endpoint import CONCURRENCY, EndpointUnavailable, OpenAIEndpoint
from agents.language.protocol import (
    ChoiceRequest,
    ChoiceScore,
    Completion,
    GenerationRequest,
    LanguageModelError,
)
from agents.language.scoring import choice_scores, distinct
from agents.language.server_process import LOOPBACK, ServerProcess, free_port
from agents.language.tokens import ScoredSequence
from agents.language.vllm_command import BASE, server_command, server_environment, vllm_device

logger = logging.getLogger(__name__)

PORT_ATTEMPTS = 3
DYING_S = 2.0


class VLLMServer:
    """A language model with adapters on a vLLM server that lives as long as the `with` block.

    The server listens on 127.0.0.1 only and asks for a random key, so that other users of the machine and
    pages in its browser can't use it.

    Args:
        model: Model folder.
        adapters: Name to adapter folder; loaded once the server runs.
        dtype: "bfloat16" is fast and off by .05 nats per token on average; "float32" is exact.
        max_model_len: Most tokens of prompt and completion together.
        kv_cache_gib: Memory for attention keys and values, in GiB.
        log: File for the server's output; default: vllm.log in the current folder.
        startup_timeout: Seconds until the server must answer; 45 are usual, a busy machine needs many more.
        request_timeout: Seconds until the answer to one HTTP request; then the server is taken for dead.
        max_restarts: How often the server is started again in this object's life.
        concurrency: Most requests under way at once, and most sequences in one step of the server.
        share: (which, of how many) servers of this model on this machine: it gets its part of the cores or GPUs.
        report: Gets one line per step with its seconds; default: the log, at level INFO.

    Attributes:
        restarts: How often the server had to be started again so far.
    """

    def __init__(
        self,
        model: Path,
        adapters: Mapping[str, Path] | None = None,
        dtype: Literal["bfloat16", "float32"] = "bfloat16",
        *,
        max_model_len: int = 1024,
        kv_cache_gib: int = 2,
        log: Path = Path("vllm.log"),
        startup_timeout: float = 600.0,
        request_timeout: float = 600.0,
        max_restarts: int = 2,
        concurrency: int = CONCURRENCY,
        share: tuple[int, int] = (0, 1),
        report: Callable[[str], None] | None = None,
    ) -> None:
        self.name = f"vllm:{Path(model).name}:{dtype}"
        self.restarts = 0
        self._model = Path(model).resolve()
        self._adapters = {name: Path(folder).resolve() for name, folder in (adapters or {}).items()}
        self._dtype = dtype
        self._max_model_len = max_model_len
        self._kv_cache_gib = kv_cache_gib
        self._log = Path(log)
        self._startup_timeout = startup_timeout
        self._request_timeout = request_timeout
        self._max_restarts = max_restarts
        self._concurrency = concurrency
        self._share = share
        self._report = report or logger.info
        self._process: ServerProcess | None = None
        self._endpoint: OpenAIEndpoint | None = None
        check_adapters(self._adapters)
        if BASE in self._adapters:
            raise LanguageModelError(f"adapter {BASE!r}: the server uses this name for the base model.")

    def __enter__(self) -> Self:
        """Start the server and load every adapter."""
        try:
            self._start()
        except BaseException:  # also Ctrl-C: no half-started server stays behind
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server."""
        self._stop()

    @property
    def process(self) -> ServerProcess:
        """The running server process."""
        if self._process is None:
            raise LanguageModelError(f"{self.name}: not running. Use it inside a `with` block.")
        return self._process

    def generate(self, requests: Sequence[GenerationRequest]) -> list[Completion]:
        """Write one text per request; if the server dies, restart it and ask for the missing ones."""
        answers: dict[int, Completion] = {}
        self._persist(lambda endpoint: endpoint.generate_into(requests, answers))
        return [answers[number] for number in range(len(requests))]

    def choice_logprobs(self, requests: Sequence[ChoiceRequest]) -> list[ChoiceScore]:
        """Score the options of each request; if the server dies, as `generate`."""
        asked = self.connected().sequences(requests)
        totals: dict[ScoredSequence, float] = {}
        self._persist(lambda endpoint: endpoint.score_into(distinct(asked), totals))
        return choice_scores(asked, totals)

    def _persist(self, ask: Callable[[OpenAIEndpoint], None]) -> None:
        while True:
            try:
                return ask(self.connected())
            except EndpointUnavailable as error:
                self.revive(error)

    def connected(self) -> OpenAIEndpoint:
        """The way to the server as it runs now."""
        if self._endpoint is None:
            raise LanguageModelError(f"{self.name}: not running. Use it inside a `with` block.")
        return self._endpoint

    def revive(self, cause: EndpointUnavailable) -> None:
        """Start the server again.

        Raises:
            LanguageModelError: This has been done often enough, or it doesn't start.
        """
        process = self.process
        state = "died" if process.ends_within(DYING_S) else "does not answer"
        if self.restarts >= self._max_restarts:
            tail = process.tail()
            self._stop()
            raise LanguageModelError(
                f"{self.name}: the server {state}, and max_restarts = {self._max_restarts} is used up "
                f"({cause}). A lack of memory is the usual reason: lower kv_cache_gib or max_model_len.\n"
                f"{tail}"
            ) from cause
        self.restarts += 1
        self._report(f"vLLM: the server {state}; restart {self.restarts} of {self._max_restarts}")
        self._stop()
        self._start()

    def _start(self) -> None:
        started = time.monotonic()
        device = vllm_device()
        key = secrets.token_urlsafe(32)
        for attempt in range(1, PORT_ATTEMPTS + 1):
            port = free_port()
            self._process = process = self._launch(port, key, device)
            self._report(f"vLLM: starting on the {device}, process {process.pid}, output in {self._log}")
            try:
                process.wait_until_healthy(self._startup_timeout, self._report)
                break
            except LanguageModelError as error:
                process.stop()
                # Another program took the port between our look and the server's.
                if attempt == PORT_ATTEMPTS or "ddress already in use" not in process.tail():
                    raise LanguageModelError(f"{self.name}: {error}") from error
        self._report(f"vLLM: answers after {time.monotonic() - started:.1f} s")
        for name, folder in self._adapters.items():
            self._load(process, name, folder)
        endpoint = OpenAIEndpoint(
            f"http://{LOOPBACK}:{port}/v1",
            BASE,
            self._model,
            {name: name for name in self._adapters},
            api_key=key,
            timeout=self._request_timeout,
            retries=0,  # a server of our own that fails is restarted, not asked again
            concurrency=self._concurrency,
        )
        self._endpoint = endpoint.__enter__()
        self._report(f"vLLM: ready after {time.monotonic() - started:.1f} s")

    def _launch(self, port: int, key: str, device: Literal["cpu", "cuda"]) -> ServerProcess:
        command = server_command(
            self._model,
            self._adapters,
            port=port,
            dtype=self._dtype,
            max_model_len=self._max_model_len,
            kv_cache_gib=self._kv_cache_gib,
            concurrency=self._concurrency,
            device=device,
        )
        environment = server_environment(api_key=key, kv_cache_gib=self._kv_cache_gib, device=device, share=self._share)
        return ServerProcess(command, environment, port, key, self._log)

    def _load(self, process: ServerProcess, name: str, folder: Path) -> None:
        started = time.monotonic()
        try:
            process.post("/v1/load_lora_adapter", {"lora_name": name, "lora_path": str(folder)}, self._request_timeout)
        except (LanguageModelError, OSError, http.client.HTTPException) as error:
            raise LanguageModelError(
                f"{self.name}: adapter {name!r} from {folder} was not loaded: {error}. "
                f"Was it trained on this base model?\n{process.tail()}"
            ) from error
        self._report(f"vLLM: adapter {name!r} loaded in {time.monotonic() - started:.2f} s")

    def _stop(self) -> None:
        self._endpoint = None
        if self._process is not None:
            self._process.stop()
            self._process = None
