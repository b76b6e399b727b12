"""A round shared by several servers: fast and slow, dying, restarted, and two real ones of which one is killed."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from agents.language.openai_endpoint import EndpointUnavailable, OpenAIEndpoint
from agents.language.protocol import ChoiceRequest, GenerationRequest, LanguageModelError
from agents.language.replicas import Replicas
from agents.language.vllm_server import VLLMServer

ROUND = [GenerationRequest(prompt=f"post {i}", adapter=None, seed=i, max_tokens=4) for i in range(60)]
ASKED = [ChoiceRequest(prompt="p", options=tuple(f" option {i}" for i in range(40)), adapter=a) for a in (None, "left")]


@dataclass
class Server:
    """Answers as vLLM does; `delay` makes it slow, `fails_from` makes it fail from that request on."""

    delay: float = 0.0
    fails_from: float = float("inf")
    status: int = 500
    url: str = ""
    answered: list[dict[str, Any]] = field(default_factory=list)
    received: int = 0

    def reply(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.received += 1
        if self.received >= self.fails_from:
            return self.status, {"error": "as told"}
        time.sleep(self.delay)
        self.answered.append(body)
        if "prompt_logprobs" not in body:
            choice = {"index": 0, "text": f"text {body['seed']}", "finish_reason": "stop"}
            return 200, {"choices": [choice], "usage": {"completion_tokens": 3}}
        scores = [[None, *({str(i): {"logprob": -i / 1e5}} for i in ids[1:])] for ids in body["prompt"]]
        choices = [
            {"index": i, "text": "x", "finish_reason": "length", "prompt_logprobs": s} for i, s in enumerate(scores)
        ]
        return 200, {"choices": choices, "usage": {"completion_tokens": 1}}

    @contextmanager
    def running(self) -> Iterator[None]:
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(200, {"object": "list", "data": [{"id": "base"}, {"id": "left"}]})

            def do_POST(self) -> None:
                self._send(*served.reply(json.loads(self.rfile.read(int(self.headers["Content-Length"])))))

            def _send(self, status: int, body: dict[str, Any]) -> None:
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        class Patient(ThreadingHTTPServer):
            request_queue_size = 128  # five, as by default, turn a round away on a busy machine

        server = Patient(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class Mended(OpenAIEndpoint):
    """An endpoint whose server can be started again."""

    restarts = 0
    server: Server

    def revive(self, cause: EndpointUnavailable) -> None:
        self.restarts += 1
        self.server.fails_from = float("inf")


@pytest.fixture
def replicas(model_folder: Path) -> Iterator[Callable[..., Replicas]]:
    """Enter a language model on the given servers; `lines` holds what it reports."""
    with ExitStack() as stack:

        def make(*servers: Server, kind: type[OpenAIEndpoint] = OpenAIEndpoint) -> Replicas:
            members = []
            for server in servers:
                stack.enter_context(server.running())
                members.append(kind(server.url, "base", model_folder, {"left": "left"}, retries=0, timeout=20.0))
                if isinstance(members[-1], Mended):
                    members[-1].server = server
            lines: list[str] = []
            model = Replicas(members, lines.append)
            model.lines = lines  # type: ignore[attr-defined]
            return stack.enter_context(model)

        yield make


def texts(model: Replicas) -> list[str]:
    return [completion.text for completion in model.generate(ROUND)]


IN_ORDER = [f"text {i}" for i in range(60)]


def test_a_slow_server_does_less_and_the_order_is_kept(replicas: Callable[..., Replicas]) -> None:
    fast, slow = Server(delay=0.005), Server(delay=0.25)
    assert texts(replicas(fast, slow)) == IN_ORDER
    assert len(fast.answered) + len(slow.answered) == 60, "nothing is asked twice"
    assert 0 < len(slow.answered) < 30 < len(fast.answered)


def test_scores_are_those_of_one_server(replicas: Callable[..., Replicas], model_folder: Path) -> None:
    one, two = Server(delay=0.05), Server(delay=0.05)
    model = replicas(one, two)
    shared = model.choice_logprobs(ASKED)
    assert one.answered
    assert two.answered
    with OpenAIEndpoint(one.url, "base", model_folder, {"left": "left"}) as alone:
        for ours, theirs in zip(shared, alone.choice_logprobs(ASKED), strict=True):
            np.testing.assert_array_equal(ours.logprobs, theirs.logprobs)


def test_a_server_that_dies_is_left_out_counted_and_told(replicas: Callable[..., Replicas]) -> None:
    well, dying = Server(delay=0.01), Server(delay=0.01, fails_from=6)
    model = replicas(well, dying)
    assert texts(model) == IN_ORDER
    assert model.restarts == len(model.lost) == 1
    assert dying.url in model.lost[0]
    assert "1 of 2 are left" in model.lines[0]  # type: ignore[attr-defined]
    received = dying.received
    assert texts(model) == IN_ORDER
    assert dying.received == received, "it is asked no more"


@pytest.mark.slow
def test_a_server_that_can_be_started_again_comes_back(replicas: Callable[..., Replicas]) -> None:
    well, dying = Server(delay=0.01), Server(delay=0.01, fails_from=6)
    model = replicas(well, dying, kind=Mended)
    assert texts(model) == texts(model) == IN_ORDER
    assert model.restarts == 1
    assert not model.lost
    assert len(dying.answered) > 20


def test_without_a_server_left_the_error_says_so(replicas: Callable[..., Replicas]) -> None:
    model = replicas(Server(fails_from=3), Server(fails_from=3))
    with pytest.raises(LanguageModelError, match="no server is left"):
        model.generate(ROUND)


def test_a_request_that_is_refused_is_nobodys_loss(replicas: Callable[..., Replicas]) -> None:
    model = replicas(Server(fails_from=3, status=400), Server())
    with pytest.raises(LanguageModelError, match="refuses the request"):
        model.generate(ROUND)
    assert not model.lost


def test_one_that_is_not_there_at_the_start_is_an_error(model_folder: Path) -> None:
    there = Server()
    with there.running():
        members = [OpenAIEndpoint(u, "base", model_folder, retries=0) for u in (there.url, "http://127.0.0.1:9/v1")]
        with pytest.raises(LanguageModelError, match=r"127\.0\.0\.1:9"), Replicas(members, print):
            pass


def test_no_server_at_all_is_an_error() -> None:
    with pytest.raises(LanguageModelError, match="no server"):
        Replicas([], print)


@pytest.mark.full
def test_two_real_servers_answer_as_one_and_outlive_a_kill(
    server: VLLMServer, model_folder: Path, adapters: dict[str, Path], tmp_path: Path
) -> None:
    """In float32; the first server is the module's, whose answers alone are the measure."""
    names = (None, "left", "right")
    round_ = [
        GenerationRequest(prompt=f"Number {i}: I believe that", adapter=names[i % 3], seed=i, max_tokens=24)
        for i in range(48)
    ]
    alone = server.generate(round_)
    second = VLLMServer(
        model_folder, adapters, "float32", kv_cache_gib=1, log=tmp_path / "log", max_restarts=0, report=print
    )
    with second:
        shared = Replicas([server, second], print)
        shared._alive, shared._tokens = [server, second], server.connected()  # both are entered already
        (process,) = psutil.Process(second.process.pid).children()
        killer = threading.Timer(2.0, os.kill, (process.pid, signal.SIGKILL))
        killer.start()
        answered = shared.generate(round_)
        killer.join()
        assert [a.text for a in answered] == [a.text for a in alone]
        again = shared.generate(round_)
        assert [a.text for a in again] == [a.text for a in alone]
        assert shared.lost == [second.name]
