"""The HTTP client against a real loopback server that misbehaves: every fault is one clear error."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.language.openai_endpoint import EndpointUnavailable, OpenAIEndpoint
from agents.language.protocol import ChoiceRequest, GenerationRequest, LanguageModelError

KEY = "sk-very-secret"
SCORE = [ChoiceRequest(prompt="The capital of France is", options=(" Paris", " London"), adapter=None)]
WRITE = [GenerationRequest(prompt="I think", adapter="left", seed=2**63 + 5, max_tokens=4, stop=("!",))]

Reply = tuple[int, str]


@dataclass
class Served:
    """What a server did: its address, and the bodies and keys it received."""

    url: str
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


@contextmanager
def serving(answer: Callable[[dict[str, Any], int], Reply]) -> Iterator[Served]:
    """Serve /v1/models rightly and every completion by `answer` of its body and its number."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, json.dumps({"object": "list", "data": [{"id": "base"}, {"id": "left-lora"}]}))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            served.bodies.append(body)
            served.keys.append(self.headers["Authorization"])
            self._send(*answer(body, len(served.bodies)))

        def _send(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            with contextlib.suppress(BrokenPipeError):  # a client that gave up
                self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served = Served(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def connect(model_folder: Path) -> Callable[..., OpenAIEndpoint]:
    def make(served: Served, **settings: Any) -> OpenAIEndpoint:
        given = {"api_key": KEY, "retry_delay": 0.01, "timeout": 20.0, **settings}
        return OpenAIEndpoint(served.url, "base", model_folder, {"left": "left-lora"}, **given)

    return make


def scored(body: dict[str, Any], logprob: object = -0.5) -> Reply:
    """What vLLM answers: each prompt token with its log-probability, but for the first; choices shuffled."""
    choices = [
        {
            "index": index,
            "text": "x",
            "finish_reason": "length",
            "prompt_logprobs": [None, *({str(i): {"logprob": logprob, "rank": 1}} for i in ids[1:])],
        }
        for index, ids in enumerate(body["prompt"])
    ]
    return 200, json.dumps({"choices": choices[::-1], "usage": {"completion_tokens": len(choices)}})


def written(body: dict[str, Any], **changes: object) -> Reply:
    choice = {"index": 0, "text": f"text {body['seed']}", "finish_reason": "stop", **changes}
    return 200, json.dumps({"choices": [choice], "usage": {"completion_tokens": 3}})


@pytest.mark.slow
def test_requests_say_everything_and_replies_are_summed(connect: Callable[..., OpenAIEndpoint]) -> None:
    with serving(lambda body, _: scored(body)) as served, connect(served) as endpoint:
        (score,) = endpoint.choice_logprobs(SCORE)
    np.testing.assert_allclose(score.logprobs, -0.5 * score.tokens)
    (body,) = served.bodies
    assert body["model"] == "base"
    assert body["prompt_logprobs"] == 0
    assert all(isinstance(i, int) for ids in body["prompt"] for i in ids)
    assert served.keys == [f"Bearer {KEY}"]

    with serving(lambda body, _: written(body)) as served, connect(served) as endpoint:
        (completion,) = endpoint.generate(WRITE)
    assert (completion.text, completion.tokens, completion.finish_reason) == ("text 5", 3, "stop")
    (body,) = served.bodies
    assert body["model"] == "left-lora"
    assert body["seed"] == 5, "seeds are folded into the servers' 64 signed bits"
    assert (body["top_p"], body["top_k"], body["repetition_penalty"]) == (1.0, 0, 1.0)
    assert body["stop"] == ["!"]


def test_answers_keep_the_order_of_the_requests(connect: Callable[..., OpenAIEndpoint]) -> None:
    def slow_first(body: dict[str, Any], number: int) -> Reply:
        time.sleep(0.2 if number == 1 else 0)
        return written(body)

    round_ = [GenerationRequest(prompt="a", adapter=None, seed=i, max_tokens=1) for i in range(40)]
    with serving(slow_first) as served, connect(served) as endpoint:
        assert [c.text for c in endpoint.generate(round_)] == [f"text {i}" for i in range(40)]


def test_scoring_sends_a_sequence_once_and_an_adapter_per_request(
    connect: Callable[..., OpenAIEndpoint],
) -> None:
    options = tuple(f" option {i}" for i in range(40))
    asked = [ChoiceRequest(prompt="p", options=options, adapter=a) for a in (None, "left", None)]
    with serving(lambda body, _: scored(body)) as served, connect(served) as endpoint:
        assert [len(s.logprobs) for s in endpoint.choice_logprobs(asked)] == [40, 40, 40]
    sent = sorted((body["model"], len(body["prompt"])) for body in served.bodies)
    assert sent == [("base", 8), ("base", 32), ("left-lora", 8), ("left-lora", 32)]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda body: scored(body, float("nan")), "is nan, not <= 0"),
        (lambda body: scored(body, float("-inf")), "is -inf"),
        (lambda body: scored(body, 0.5), "is 0.5, not <= 0"),
        (lambda body: scored(body, None), "no log-probability of token"),
        (lambda body: scored(body, "-1"), "no log-probability of token"),
        (lambda body: (200, scored(body)[1][:-40]), "no JSON"),
        (lambda body: (200, "[]"), "no list of choices"),
        (lambda body: (200, '{"choices": null}'), "no list of choices"),
        (lambda body: scored({"prompt": body["prompt"][:1]}), "2 prompts were sent"),
        (lambda body: scored({"prompt": [ids[:-1] for ids in body["prompt"]]}), "expected 6 prompt log-prob"),
        (lambda body: scored({"prompt": [[i + 1 for i in ids] for ids in body["prompt"]]}), "of token"),
        (lambda body: (400, '{"error": {"message": "too long"}}'), "refuses the request.*too long"),
        (lambda body: (401, '{"error": "no"}'), "refuses the API key"),
        (lambda body: (404, '{"error": {"message": "no such model"}}'), "no such model"),
    ],
)
def test_a_wrong_score_is_an_error_and_not_a_number(
    connect: Callable[..., OpenAIEndpoint], answer: Callable[[dict[str, Any]], Reply], words: str
) -> None:
    with (
        serving(lambda body, _: answer(body)) as served,
        connect(served) as endpoint,
        pytest.raises(LanguageModelError, match=words) as caught,
    ):
        endpoint.choice_logprobs(SCORE)
    assert str(caught.value).startswith("endpoint:base@http://127.0.0.1")
    assert len(served.bodies) == 1, "sent again only after a lost connection or a 5xx"


@pytest.mark.parametrize("changes", [{"text": None}, {"finish_reason": "error"}, {"index": 1}])
def test_a_wrong_completion_is_an_error(connect: Callable[..., OpenAIEndpoint], changes: dict[str, object]) -> None:
    with (
        serving(lambda body, _: written(body, **changes)) as served,
        connect(served) as endpoint,
        pytest.raises(LanguageModelError, match=r"finish_reason stop or length|1 prompts were sent"),
    ):
        endpoint.generate(WRITE)


@pytest.mark.slow
def test_server_errors_are_retried_then_told(connect: Callable[..., OpenAIEndpoint]) -> None:
    fails: Reply = (500, f'{{"error": {{"message": "out of memory, Bearer {KEY}"}}}}')
    with (
        serving(lambda body, number: fails if number < 3 else scored(body)) as served,
        connect(served) as endpoint,
    ):
        endpoint.choice_logprobs(SCORE)
        assert len(served.bodies) == 3
    with (
        serving(lambda *_: fails) as served,
        connect(served) as endpoint,
        pytest.raises(EndpointUnavailable, match=r"failed 3 times.*out of memory") as caught,
    ):
        endpoint.choice_logprobs(SCORE)
    assert KEY not in str(caught.value)
    assert KEY not in repr(endpoint)


def test_a_server_that_hangs_is_an_error_after_the_timeout(connect: Callable[..., OpenAIEndpoint]) -> None:
    release = threading.Event()

    def hang(body: dict[str, Any], _: int) -> Reply:
        release.wait(30)
        return scored(body)

    with serving(hang) as served, connect(served, timeout=0.5) as endpoint:
        with pytest.raises(EndpointUnavailable, match=r"no answer within 0\.5 s"):
            endpoint.choice_logprobs(SCORE)
        release.set()


def test_an_aborted_request_means_the_server_is_going_down(connect: Callable[..., OpenAIEndpoint]) -> None:
    with (
        serving(lambda body, _: written(body, finish_reason="abort")) as served,
        connect(served) as endpoint,
        pytest.raises(EndpointUnavailable, match="aborted"),
    ):
        endpoint.generate(WRITE)


def test_what_was_answered_before_a_failure_is_kept(connect: Callable[..., OpenAIEndpoint]) -> None:
    round_ = [GenerationRequest(prompt="a", adapter=None, seed=i, max_tokens=1) for i in range(6)]
    answers: dict[int, Any] = {}
    with (
        serving(lambda body, _: (500, "") if body["seed"] == 4 else written(body)) as served,
        connect(served, retries=0, concurrency=1) as endpoint,
    ):
        with pytest.raises(EndpointUnavailable):
            endpoint.generate_into(round_, answers)
        assert sorted(answers) == [0, 1, 2, 3]
        served.bodies.clear()
        with pytest.raises(EndpointUnavailable):
            endpoint.generate_into(round_, answers)
        assert [body["seed"] for body in served.bodies] == [4]


def test_works_where_an_event_loop_runs(connect: Callable[..., OpenAIEndpoint]) -> None:
    async def notebook() -> float:
        with connect(served) as endpoint:
            return float(endpoint.choice_logprobs(SCORE)[0].logprobs[0])

    with serving(lambda body, _: scored(body)) as served:
        assert asyncio.run(notebook()) == -0.5


def test_connecting_checks_the_server_its_models_and_the_key(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(lambda body, _: scored(body)) as served:
        wrong = OpenAIEndpoint(served.url, "base", model_folder, {"right": "right-lora"})
        with pytest.raises(LanguageModelError, match=r"does not serve \['right-lora'\]; it serves"), wrong:
            pass
    gone = OpenAIEndpoint(served.url, "base", model_folder, retry_delay=0.01)
    with pytest.raises(EndpointUnavailable, match="Is the server running"), gone:
        pass
    with pytest.raises(LanguageModelError, match="EQUIPOLIS_TEST_KEY"):
        OpenAIEndpoint(served.url, "base", model_folder, api_key_env="EQUIPOLIS_TEST_KEY")
    monkeypatch.setenv("EQUIPOLIS_TEST_KEY", KEY)
    with serving(lambda body, _: scored(body)) as served:
        with OpenAIEndpoint(served.url, "base", model_folder, api_key_env="EQUIPOLIS_TEST_KEY") as endpoint:
            endpoint.choice_logprobs(SCORE)
        assert served.keys == [f"Bearer {KEY}"]
