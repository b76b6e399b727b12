"""Malformed replies of a language model's server, to the readers of replies and through a real HTTP connection."""

import json
import math

import pytest

from agents.language.openai_endpoint import OpenAIEndpoint
from agents.language.packaged_model import packaged_model
from agents.language.protocol import ChoiceRequest, GenerationRequest
from agents.language.replies import read_completion, read_models, read_totals
from agents.language.tokens import ScoredSequence
from tests.faults.server import Server, plain, serving
from tests.fuzz.harness import damaged, mutated, survived

pytestmark = pytest.mark.slow

SEQUENCES = [ScoredSequence(ids=(5, 6, 7), start=1, adapter=None), ScoredSequence(ids=(5, 8), start=1, adapter=None)]
SCORES = {"prompt": [list(one.ids) for one in SEQUENCES], "prompt_logprobs": 0}
TEXT = {"prompt": [5, 6], "seed": 3}


def malformed(reply, rng):
    """A reply's text, damaged as JSON or as bytes."""
    if rng.random() < 0.7:
        for _ in range(rng.choice((1, 1, 2, 4))):
            reply = mutated(reply, rng)
        return json.dumps(reply)
    return damaged(json.dumps(reply).encode(), rng).decode(
        "utf-8", "surrogatepass" if rng.random() < 0.2 else "replace"
    )


def test_readers_of_replies():
    def scores(rng):
        totals = read_totals(malformed(plain(SCORES), rng), SEQUENCES)
        assert len(totals) == 2
        assert all(math.isfinite(total) and total <= 0 for total in totals)

    def text(rng):
        completion = read_completion(malformed(plain(TEXT), rng))
        completion.text.encode()
        assert completion.tokens >= 0
        assert completion.finish_reason in ("stop", "length")

    def models(rng):
        assert all(isinstance(name, str) for name in read_models(malformed({"data": [{"id": "a"}, {"id": "b"}]}, rng)))

    for case in (scores, text, models):
        outcomes = survived(case, 1500, case.__name__, (UnicodeDecodeError,))
        assert outcomes["BadReply"] > 300, outcomes


def test_replies_over_http():
    score = [ChoiceRequest(prompt="a", options=(" b", " c d"), adapter=None)]
    write = [GenerationRequest(prompt="a", adapter=None, seed=1, max_tokens=2)]
    with (
        serving(Server(["base"], plain)) as server,
        OpenAIEndpoint(server.url, "base", packaged_model(), timeout=20.0, retries=0) as endpoint,
    ):

        def case(rng):
            status = (
                200 if rng.random() < 0.8 else rng.choice((100, 201, 204, 301, 400, 401, 404, 408, 418, 429, 500, 599))
            )

            def fault(handler, right):
                text = malformed(json.loads(right), rng)
                handler.answer(status, text.encode("utf-8", "replace").decode())

            server.faulty = lambda _: fault
            if rng.random() < 0.5:
                endpoint.choice_logprobs(score)
            else:
                endpoint.generate(write)

        outcomes = survived(case, 150, "http")
    assert sum(outcomes.values()) == 150
    assert outcomes["LanguageModelError"] + outcomes["BadReply"] + outcomes["EndpointUnavailable"] > 60, outcomes
