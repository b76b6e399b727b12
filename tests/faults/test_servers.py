"""A language model's server that breaks below the level of replies: one error with a name, never a wait for ever.

Replies that arrive whole and are wrong are in tests/agents/language/test_openai_endpoint.py, servers of our own that
die or stop answering in tests/agents/language/test_vllm_server.py.
"""

import pytest

from agents.language.openai_endpoint import EndpointUnavailable, OpenAIEndpoint
from agents.language.protocol import ChoiceRequest, GenerationRequest, LanguageModelError
from tests.faults.server import Server, babbles, breaks_off, changes, hangs, plain, says, serving, trickles

SCORE = [ChoiceRequest(prompt="The capital of France is", options=(" Paris", " London"), adapter="left")]
WRITE = [GenerationRequest(prompt="I think", adapter=None, seed=n, max_tokens=4) for n in range(3)]


@pytest.fixture(scope="module")
def connection(model_folder):
    """A server of the models "base" and "left", and one client for all tests: a tokenizer takes a second."""
    with (
        serving(Server(["base", "left"], plain)) as server,
        OpenAIEndpoint(
            server.url, "base", model_folder, {"left": "left"}, timeout=1.0, retries=1, retry_delay=0.01
        ) as endpoint,
    ):
        yield server, endpoint


@pytest.fixture
def server(connection):
    connection[0].asked = 0
    yield connection[0]
    connection[0].faulty = lambda _: None


@pytest.fixture
def endpoint(connection):
    return connection[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (hangs, "no answer within 1 s"),
        (trickles, "no answer within 1 s"),
        (breaks_off, "failed 2 times"),
        (babbles, "failed 2 times"),
        (says(500), "failed 2 times.*injected"),
        (says(503, ""), "failed 2 times"),
        (says(429), "failed 2 times.*injected"),
    ],
)
def test_a_server_that_breaks_is_unavailable(server, endpoint, fault, words):
    server.faulty = lambda _: fault
    for ask in (lambda: endpoint.choice_logprobs(SCORE), lambda: endpoint.generate(WRITE)):
        with pytest.raises(EndpointUnavailable, match=words) as caught:
            ask()
        assert str(caught.value).startswith("endpoint:base@http://127.0.0.1")


def test_a_clock_that_jumps_makes_no_answer_late_and_no_wait_longer(server, endpoint, monkeypatch):
    jumps = iter(range(10**9))
    monkeypatch.setattr("time.time", lambda: 1e9 + (-1) ** next(jumps) * 3e8)
    assert [c.text for c in endpoint.generate(WRITE)] == [" text 0", " text 1", " text 2"]
    server.faulty = lambda _: hangs
    with pytest.raises(EndpointUnavailable, match="no answer within 1 s"):
        endpoint.generate(WRITE)
    assert next(jumps) > 0, "the clock was looked at"


@pytest.mark.parametrize("fault", [breaks_off, babbles, says(500), says(429)])
def test_a_fault_that_passes_is_not_noticed(server, endpoint, fault):
    server.faulty = lambda number: fault if number == 1 else None
    assert [c.text for c in endpoint.generate(WRITE)] == [" text 0", " text 1", " text 2"]
    assert server.asked == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda right: right[:-20], "no JSON"),
        (lambda right: "[" * 100_000, "no JSON"),
        (lambda right: right.replace("-1.0", "NaN"), "is nan"),
        (lambda right: right.replace("-1.0", "-1e300"), "is -1e\\+300"),
        (lambda right: right.replace("-1.0", "-" + "9" * 400), "is -999"),
        (lambda right: right.replace('"index": 0', '"index": []'), "2 prompts were sent"),
        (lambda right: right.replace('"index": 1', '"index": true'), "2 prompts were sent"),
    ],
)
def test_scores_beyond_belief_are_refused(server, endpoint, change, words):
    server.faulty = lambda _: changes(change)
    with pytest.raises(LanguageModelError, match=words):
        endpoint.choice_logprobs(SCORE)


@pytest.mark.parametrize(
    "change",
    [
        lambda right: right.replace(" text 0", "\\ud800"),
        lambda right: right.replace('{"completion_tokens": 3}', '"three"'),
        lambda right: right.replace('"completion_tokens": 3', '"completion_tokens": -3'),
        lambda right: right.replace('"completion_tokens": 3', '"completion_tokens": true'),
    ],
)
def test_texts_that_are_none_are_refused(server, endpoint, change):
    server.faulty = lambda _: changes(change)
    with pytest.raises(LanguageModelError, match=r"Unicode|token count"):
        endpoint.generate(WRITE[:1])


@pytest.mark.parametrize(
    "url", ["", "no address", "http://", "http://[::1/v1", "http://127.0.0.1:port/v1", "ftp://x/v1"]
)
def test_an_address_that_is_none_is_named(url, model_folder):
    with pytest.raises(LanguageModelError, match="no address of a server"):
        OpenAIEndpoint(url, "base", model_folder)


def test_no_patience_is_no_setting(model_folder):
    with pytest.raises(LanguageModelError, match="timeout = 0"):
        OpenAIEndpoint("http://127.0.0.1:1/v1", "base", model_folder, timeout=0)
