"""The server is started so that a whole round fits one step and common beginnings of prompts are computed once."""

from pathlib import Path

import pytest

from agents.language.openai_endpoint import CONCURRENCY, OpenAIEndpoint
from agents.language.vllm_command import server_command
from agents.language.vllm_server import VLLMServer


def command(device, concurrency=256):
    return server_command(
        Path("model"),
        {},
        port=8000,
        dtype="float32",
        max_model_len=1024,
        kv_cache_gib=2,
        concurrency=concurrency,
        device=device,
    )


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_as_many_sequences_run_as_are_sent_and_prefixes_are_cached(device):
    given = command(device, concurrency=300)
    assert given[given.index("--max-num-seqs") + 1] == "300"
    assert "--enable-prefix-caching" in given


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_the_server_listens_here_only_and_loads_safetensors_without_code(device):
    given = command(device)
    assert given[given.index("--host") + 1] == "127.0.0.1"
    assert given[given.index("--load-format") + 1] == "safetensors"
    assert "--trust-remote-code" not in given


def test_blocks_on_a_cpu_are_short_enough_for_a_persona():
    given = command("cpu")
    assert int(given[given.index("--block-size") + 1]) <= 32
    assert "--block-size" not in command("cuda")


def test_a_round_of_two_hundred_accounts_is_sent_at_once():
    assert CONCURRENCY >= 200
    assert VLLMServer(Path("model"))._concurrency == CONCURRENCY
    assert OpenAIEndpoint("http://localhost/v1", "base", Path("model"))._concurrency == CONCURRENCY
