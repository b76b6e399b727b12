"""A round of posts by five adapters on the real vLLM server: all at once, or one prompt at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from agents.language.packaged_model import packaged_model
from agents.language.protocol import Completion, GenerationRequest, LanguageModel, LanguageModelError
from agents.language.vllm_command import vllm_device
from agents.language.vllm_server import VLLMServer
from agents.subpopulations.bigfive.material import TRAITS
from agents.subpopulations.bigfive.population import shipped_adapter
from agents.subpopulations.subpopulation_model import SubpopulationModel
from experiments.benchmarks.measurement import OURS, Measurement, median_seconds

TOPICS = ("parties", "Monday morning", "the weather", "a new neighbour")


def measure_language_model(
    posts: int, max_tokens: int, repeats: int, report: Callable[[str], None]
) -> list[Measurement] | str:
    """Tokens per second of one round, in bfloat16 with the shipped adapters; a reason if vLLM can't run here."""
    report("language model: start of the server")
    try:
        vllm_device()
        model = packaged_model()
        adapters = {name: shipped_adapter(trait) for trait, name in TRAITS.items()}
        with (
            tempfile.TemporaryDirectory() as folder,
            VLLMServer(model, adapters, "bfloat16", log=Path(folder) / "vllm.log") as server,
        ):
            report(f"language model: {posts} posts, at once and one at a time")
            return _measure(server, round_of_posts(posts, max_tokens), repeats)
    except LanguageModelError as error:
        return str(error).splitlines()[0]


def round_of_posts(posts: int, max_tokens: int) -> list[GenerationRequest]:
    """Requests of one round, the five voices in turn."""
    models = [SubpopulationModel(group=name, share=0.2, adapter=name) for name in TRAITS.values()]
    return [models[p % len(models)].post(TOPICS[p % len(TOPICS)], seed=p, max_tokens=max_tokens) for p in range(posts)]


def _measure(language: LanguageModel, requests: list[GenerationRequest], repeats: int) -> list[Measurement]:
    at_once, one_by_one = f"{OURS}, a round at once", "the same server, one prompt at a time"
    written: dict[str, list[Completion]] = {}

    def together() -> None:
        written[at_once] = language.generate(requests)

    def in_turn() -> None:
        written[one_by_one] = [language.generate([request])[0] for request in requests]

    seconds = median_seconds({at_once: together, one_by_one: in_turn}, repeats)
    tokens = {name: sum(completion.tokens for completion in texts) for name, texts in written.items()}
    same = sum(a.text == b.text for a, b in zip(written[at_once], written[one_by_one], strict=True))
    # Per token, because a text may end elsewhere: bfloat16 rounds differently in another batch.
    reference = seconds[at_once] / tokens[at_once]
    notes = {at_once: "", one_by_one: f"; {same} of {len(requests)} texts the same"}
    return [
        Measurement(
            task=f"{len(requests)} posts of at most {requests[0].max_tokens} tokens by five adapters, vLLM, bfloat16",
            method=name,
            unit="token",
            seconds=seconds[name] / tokens[name],
            ratio=seconds[name] / tokens[name] / reference,
            note=f"{tokens[name] / seconds[name]:.0f} tokens/s, {seconds[name]:.2f} s a round{notes[name]}",
        )
        for name in (at_once, one_by_one)
    ]
