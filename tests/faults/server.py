"""A real server on loopback that answers as a language model did once, and misbehaves when it is told to."""

from __future__ import annotations

import json
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

from agents.language.openai_endpoint import SEEDS
from agents.language.protocol import ChoiceRequest, ChoiceScore, Completion
from agents.language.recording import Recording
from agents.language.tokens import TextCodec

Fault = Callable[["Handler", str], None]
"""Gets the connection and the right answer, and does something else with it."""


class Handler(BaseHTTPRequestHandler):
    """Answers rightly, but for the requests that the server's `faulty` picks."""

    server: Server

    def do_GET(self) -> None:
        """The models that are served."""
        self.answer(200, json.dumps({"data": [{"id": name} for name in self.server.models]}))

    def do_POST(self) -> None:
        """A completion or scores."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.asked += 1
            number = self.server.asked
        right = json.dumps(self.server.reply(body))
        fault = self.server.faulty(number)
        try:
            self.answer(200, right) if fault is None else fault(self, right)
        except OSError:  # a client that gave up
            self.close_connection = True

    def answer(self, status: int, text: str) -> None:
        """One whole answer."""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


class Server(ThreadingHTTPServer):
    """A server on loopback.

    Attributes:
        models: Names it serves.
        reply: The right answer to a request's body.
        faulty: The fault of the n-th request since `asked` was set to 0; None for none.
        asked: Requests so far.
    """

    daemon_threads = True

    def __init__(self, models: list[str], reply: Callable[[dict[str, Any]], object]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.models, self.reply = models, reply
        self.faulty: Callable[[int], Fault | None] = lambda _: None
        self.asked = 0
        self.lock = threading.Lock()
        self.stopping = threading.Event()

    @property
    def url(self) -> str:
        """Address of its interface."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, *_: object) -> None:
        """Clients that give up are what is tested."""


def says(status: int, text: str = '{"error": {"message": "injected"}}') -> Fault:
    """Another status and text."""
    return lambda handler, _: handler.answer(status, text)


def changes(change: Callable[[str], str]) -> Fault:
    """The right answer, changed."""
    return lambda handler, right: handler.answer(200, change(right))


def hangs(handler: Handler, _: str) -> None:
    """Takes the request and never answers."""
    handler.server.stopping.wait(60)


def trickles(handler: Handler, right: str) -> None:
    """Sends a byte, and then another: each is in time, the answer never is."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(right)))
    handler.end_headers()
    for letter in right:
        handler.wfile.write(letter.encode())
        handler.wfile.flush()
        if handler.server.stopping.wait(0.1):
            return


def breaks_off(handler: Handler, right: str) -> None:
    """Half of the answer, then a reset connection."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(right)))
    handler.end_headers()
    handler.wfile.write(right[: len(right) // 2].encode())
    handler.wfile.flush()
    handler.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def babbles(handler: Handler, _: str) -> None:
    """No HTTP at all."""
    handler.wfile.write(b"\x00\xff this is no HTTP \r\n\r\n" * 20)
    handler.close_connection = True


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Serve until the end of the block."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


def plain(body: dict[str, Any]) -> object:
    """Scores and texts that follow from the request alone."""
    if "prompt_logprobs" in body:
        choices = [
            {"index": n, "text": "", "finish_reason": "length", "prompt_logprobs": _entries(ids, -1.0)}
            for n, ids in enumerate(body["prompt"])
        ]
        return {"choices": choices, "usage": {"completion_tokens": len(choices)}}
    choice = {"index": 0, "text": f" text {body['seed']}", "finish_reason": "stop"}
    return {"choices": [choice], "usage": {"completion_tokens": 3}}


def _entries(ids: list[int], total: float) -> list[Any]:
    """Log-probabilities that sum to `total` from any start on: all of it stands at the last token."""
    values = [0.0] * (len(ids) - 1) + [total]
    return [None, *({str(token): {"logprob": value}} for token, value in zip(ids[1:], values[1:], strict=True))]


class Played:
    """Answers of a recording, by the token ids that a client sends."""

    def __init__(self, recording: Recording, codec: TextCodec) -> None:
        self.texts: dict[Any, Completion] = {}
        self.totals: dict[Any, float] = {}
        for entry in recording.entries.values():
            request, answer = entry.request, entry.answer
            name = request.adapter or "base"
            if isinstance(request, ChoiceRequest) and isinstance(answer, ChoiceScore):
                for option, total in zip(request.options, answer.logprobs.tolist(), strict=True):
                    self.totals[name, codec.scored_sequence(request.prompt, option, None).ids] = total
            elif isinstance(answer, Completion):
                self.texts[name, tuple(codec.prompt_ids(request.prompt)), request.seed % SEEDS] = answer

    def __call__(self, body: dict[str, Any]) -> object:
        if "prompt_logprobs" in body:
            choices = [
                {
                    "index": n,
                    "text": "",
                    "finish_reason": "length",
                    "prompt_logprobs": _entries(ids, self.totals[body["model"], tuple(ids)]),
                }
                for n, ids in enumerate(body["prompt"])
            ]
            return {"choices": choices, "usage": {"completion_tokens": 1}}
        answer = self.texts[body["model"], tuple(body["prompt"]), body["seed"]]
        choice = {"index": 0, "text": answer.text, "finish_reason": answer.finish_reason}
        return {"choices": [choice], "usage": {"completion_tokens": answer.tokens}}
