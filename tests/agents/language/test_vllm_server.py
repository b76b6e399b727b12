"""The real server: exact with adapters mixed, restarted when killed, gone when stopped."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from agents.language.protocol import ChoiceRequest, GenerationRequest, LanguageModelError
from agents.language.transformers_model import TransformersLanguageModel
from agents.language.vllm_server import VLLMServer

pytestmark = pytest.mark.slow

PROMPTS = ("The capital of France is", "", "My neighbours say that taxes", "I believe in")
OPTIONS = (" Paris", " a good idea, and I would vote for it again.", " hard work")
ADAPTERS = (None, "left", "right")


def mixed_scoring() -> list[ChoiceRequest]:
    """Base and adapters interleaved, so that the server meets them in one batch."""
    return [ChoiceRequest(prompt=p, options=OPTIONS, adapter=a) for p in PROMPTS for a in ADAPTERS]


def mixed_writing(count: int = 12) -> list[GenerationRequest]:
    return [
        GenerationRequest(prompt=PROMPTS[i % 4], adapter=ADAPTERS[i % 3], seed=2**40 + i, max_tokens=16)
        for i in range(count)
    ]


def family(server: VLLMServer) -> list[psutil.Process]:
    leader = psutil.Process(server.process.pid)
    return [leader, *leader.children(recursive=True)]


def kill_the_server(server: VLLMServer) -> None:
    """As the kernel does when memory runs out: the server itself, not the process that watches it."""
    (child,) = psutil.Process(server.process.pid).children()
    os.kill(child.pid, signal.SIGKILL)


def assert_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=15)
    assert not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]


def test_scores_equal_those_of_peft_with_base_and_adapters_in_one_batch(
    server: VLLMServer, transformers_model: TransformersLanguageModel
) -> None:
    requests = mixed_scoring()
    theirs, ours = server.choice_logprobs(requests), transformers_model.choice_logprobs(requests)
    gaps = [np.abs(a.logprobs - b.logprobs) / a.tokens for a, b in zip(theirs, ours, strict=True)]
    assert np.max(gaps) <= 1e-3
    base, left, right = (score.logprobs / score.tokens for score in ours[:3])
    for one, other in ((base, left), (base, right), (left, right)):
        assert np.max(np.abs(one - other)) > 0.05, "a mix-up would show at fifty times the tolerance"


def test_texts_repeat_with_the_seed_and_keep_to_the_limits(server: VLLMServer) -> None:
    requests = mixed_writing()
    first, second = server.generate(requests), server.generate(requests)
    assert first == second
    assert all(0 < completion.tokens <= 16 for completion in first)
    assert len({completion.text for completion in first}) > 6


def test_a_round_of_more_prompts_than_one_step_takes_is_answered(server: VLLMServer) -> None:
    """The engine used to die where the last prompt of a step was split: 30,000 characters are several steps."""
    before = server.restarts
    long = [
        GenerationRequest(
            prompt=f"{n}. " + f"About number {n} and what it means to me. " * 20, adapter=None, seed=n, max_tokens=2
        )
        for n in range(40)
    ]
    assert len(server.generate(long)) == 40
    assert server.restarts == before


def test_greedy_texts_equal_those_of_transformers(
    server: VLLMServer, transformers_model: TransformersLanguageModel
) -> None:
    requests = [
        GenerationRequest(prompt=PROMPTS[0], adapter=a, seed=0, max_tokens=8, temperature=0, stop=(".",))
        for a in ADAPTERS
    ]
    assert server.generate(requests) == transformers_model.generate(requests)


def test_asks_for_a_key_and_listens_on_loopback_only(server: VLLMServer) -> None:
    for method, path in (
        ("GET", "/v1/models"),
        ("POST", "/invocations"),
        ("POST", "/adapters"),
        ("GET", "/docs"),
    ):
        for headers in ({}, {"Authorization": "Bearer guess"}):
            connection = http.client.HTTPConnection("127.0.0.1", server.process.port, timeout=30)
            connection.request(method, path, headers=headers)
            assert connection.getresponse().status == 401, path
            connection.close()
    listening = {
        c.laddr.ip
        for process in family(server)
        for c in process.net_connections(kind="tcp")
        if c.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
    assert all("VLLM_API_KEY" not in " ".join(process.cmdline()) for process in family(server))


def test_an_unknown_adapter_and_a_prompt_too_long_are_errors_not_restarts(server: VLLMServer) -> None:
    with pytest.raises(LanguageModelError, match="'middle' is not loaded"):
        server.choice_logprobs([ChoiceRequest(prompt="a", options=("b",), adapter="middle")])
    with pytest.raises(LanguageModelError, match="1024"):
        server.choice_logprobs([ChoiceRequest(prompt="word " * 2000, options=("b",), adapter=None)])
    assert server.restarts == 0


def test_killed_during_a_call_it_is_restarted_and_answers_the_same(server: VLLMServer) -> None:
    scores = server.choice_logprobs(mixed_scoring())
    long = [
        GenerationRequest(prompt=PROMPTS[i % 4], adapter=ADAPTERS[i % 3], seed=i, max_tokens=200) for i in range(12)
    ]
    killer = threading.Timer(2.0, kill_the_server, [server])
    killer.start()
    completions = server.generate(long)
    killer.join()
    assert server.restarts == 1
    assert len(completions) == 12
    again = server.choice_logprobs(mixed_scoring())
    np.testing.assert_allclose([s.logprobs for s in again], [s.logprobs for s in scores], atol=2e-3)


def test_one_that_stops_answering_is_restarted(server: VLLMServer) -> None:
    """Stopped, not dead: only the timeout tells."""
    asked = [ChoiceRequest(prompt=PROMPTS[0], options=OPTIONS, adapter=None)]
    (before,) = server.choice_logprobs(asked)
    stopped = family(server)
    for process in stopped[1:]:
        process.suspend()
    (after,) = server.choice_logprobs(asked)
    assert server.restarts == 2
    np.testing.assert_allclose(before.logprobs, after.logprobs, atol=2e-3)
    assert_gone(stopped)


def test_without_restarts_left_the_error_shows_the_log(server: VLLMServer) -> None:
    """Runs last on the shared server: both restarts are used up."""
    processes = family(server)
    kill_the_server(server)
    with pytest.raises(LanguageModelError, match="max_restarts = 2 is used up") as caught:
        server.generate(mixed_writing(2))
    assert "Last lines of" in str(caught.value)
    assert "lifeline: the server ended with code -9" in str(caught.value)
    assert_gone(processes)


def test_a_dying_program_takes_its_server_along(model_folder: Path, tmp_path: Path) -> None:
    """SIGKILL of the program while the server starts: no exit handler runs, the lifeline does."""
    script = textwrap.dedent(f"""
        from pathlib import Path
        from agents.language.vllm_server import VLLMServer
        with VLLMServer(Path({str(model_folder)!r}), log=Path({str(tmp_path / "log")!r}),
                        report=lambda line: print(line, flush=True)):
            pass
    """)
    program = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    )
    assert program.stdout is not None
    line = program.stdout.readline()
    lifeline = psutil.Process(int(line.split("process ")[1].split(",")[0]))
    time.sleep(5.0)
    processes = [lifeline, *lifeline.children(recursive=True)]
    assert len(processes) > 1
    program.kill()
    program.wait()
    assert_gone(processes)


def test_a_model_the_server_cannot_read_is_an_error_with_the_log(tmp_path: Path) -> None:
    with (
        pytest.raises(LanguageModelError, match=r"(?s)ended after .* while starting.*Last lines of"),
        VLLMServer(tmp_path / "nothing", log=tmp_path / "log", report=print),
    ):
        pass
