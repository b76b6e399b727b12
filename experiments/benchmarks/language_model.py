"""A round of two hundred language-model accounts on the real vLLM server: all at once, or one prompt at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import psutil

from agents.language.packaged_model import packaged_model
from agents.language.precision import fastest_precision
from agents.language.protocol import Completion, GenerationRequest, LanguageModel, LanguageModelError
from agents.language.vllm_command import vllm_device
from agents.language.vllm_server import VLLMServer
from agents.subpopulations.bigfive.material import TRAITS
from agents.subpopulations.bigfive.people import people_table
from agents.subpopulations.bigfive.population import shipped_adapter
from agents.subpopulations.subpopulation_model import SubpopulationModel
from experiments.benchmarks.measurement import OURS, Measurement, median_seconds
from experiments.benchmarks.memory import peak_gib
from experiments.benchmarks.scale import feed
from experiments.play import publish
from platforms.social.post import Draft

AT_ONCE, ONE_BY_ONE = f"{OURS}, a round at once", "the same server, one prompt at a time"


def measure_language_model(
    accounts: int, sampled: int, max_tokens: int, repeats: int, report: Callable[[str], None]
) -> list[Measurement] | str:
    """Tokens per second and seconds of one round of accounts on a feed; a reason if vLLM can't run here.

    Args:
        accounts: Accounts, one post each.
        sampled: Posts, spread over the round, that are also written one prompt at a time.
        max_tokens: Longest post.
        repeats: Rounds behind a median.
        report: Gets a line per step.
    """
    report("language model: start of the server")
    try:
        precision = fastest_precision(vllm_device())
        model = packaged_model()
        adapters = {name: shipped_adapter(trait) for trait, name in TRAITS.items()}
        with (
            tempfile.TemporaryDirectory() as folder,
            VLLMServer(model, adapters, precision, log=Path(folder) / "vllm.log") as server,
        ):
            report(f"language model: {accounts} accounts, at once and one at a time")
            leader = psutil.Process(server.process.pid)
            rows = _measure(server, accounts, sampled, max_tokens, repeats=repeats, backend=f"vLLM, {precision}")
            peak = peak_gib([leader, *leader.children(recursive=True), psutil.Process()])
    except LanguageModelError as error:
        return str(error).splitlines()[0]
    rows[0] = replace(rows[0], note=f"{rows[0].note}, {peak:.1f} GiB at the peak, all processes")
    return rows


def round_of_posts(
    drafts: Sequence[Draft], questions: Sequence[str], models: Sequence[SubpopulationModel], max_tokens: int
) -> list[GenerationRequest]:
    """What the accounts of a platform ask their models for, in the order of the plan."""
    return [
        models[draft.group].post(questions[draft.topic], seed=draft.seed, max_tokens=max_tokens) for draft in drafts
    ]


def _measure(
    language: LanguageModel, accounts: int, sampled: int, max_tokens: int, *, repeats: int, backend: str
) -> list[Measurement]:
    table = people_table(TRAITS)
    models = [SubpopulationModel(group=name, share=0.2, adapter=name) for name in TRAITS.values()]
    written: dict[str, list[Completion]] = {}
    platform = feed(accounts, table, members=2000)
    first = round_of_posts(platform.plan_round(), table.questions, models, max_tokens)
    sample = first[:: max(1, accounts // sampled)][:sampled]

    def together() -> None:
        drafts = platform.plan_round()
        written[AT_ONCE] = language.generate(round_of_posts(drafts, table.questions, models, max_tokens))
        texts = [completion.text.strip() for completion in written[AT_ONCE]]
        platform.play_round(publish(drafts, texts, [None] * len(drafts)))

    def in_turn() -> None:
        written[ONE_BY_ONE] = [language.generate([request])[0] for request in sample]

    try:
        seconds = median_seconds({AT_ONCE: together, ONE_BY_ONE: in_turn}, repeats)
    finally:
        platform.close()
    tokens = {name: sum(completion.tokens for completion in texts) for name, texts in written.items()}
    per_token = {name: seconds[name] / tokens[name] for name in seconds}
    # Per token, because other posts are of other lengths.
    scaled = seconds[ONE_BY_ONE] * accounts / len(sample)
    notes = {
        AT_ONCE: f"{seconds[AT_ONCE]:.2f} s a round, planning, feed and learning included",
        ONE_BY_ONE: f"{scaled:.0f} s a round: timed on {len(sample)} of its posts and scaled",
    }
    return [
        Measurement(
            task=f"{accounts} accounts, a post of at most {max_tokens} tokens each, five adapters, {backend}",
            method=name,
            unit="token",
            seconds=per_token[name],
            ratio=per_token[name] / per_token[AT_ONCE],
            note=f"{1 / per_token[name]:.0f} tokens/s, {notes[name]}",
        )
        for name in (AT_ONCE, ONE_BY_ONE)
    ]
