"""Train a LoRA adapter by policy gradient: a language model writes, every text is paid, and what pays is written more.

Group-relative policy optimisation (GRPO, arXiv 2402.03300) by TRL: a group of completions to one prompt, advantages
against the group's mean. Meant for a GPU; on a CPU it runs for a few steps.
"""

from __future__ import annotations

import json
import random
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from agents.language.adapters import check_adapters
from agents.language.identity import sha256_of_file
from agents.language.precision import fastest_precision
from agents.language.quiet import no_progress_bars
from agents.subpopulations.adapter_base import RECIPE_FILE, SETTINGS_FILE, WEIGHTS_FILE, base_of_model
from sim.arrays import Array, finite_array, positive, whole_number
from sim.errors import InputError

Reward = Callable[[Sequence[int], Sequence[str]], Sequence[float]]
"""What texts earn: numbers of their prompts, and the texts; one finite number each."""


@dataclass(frozen=True, kw_only=True)
class PolicyRecipe:
    """How an adapter is trained on what its texts earn.

    Attributes:
        rank: LoRA rank.
        target_modules: Layers that get a low-rank update.
        learning_rate: Of Adam, constant.
        steps: Optimiser steps.
        prompts: Prompts a step.
        group: Completions a prompt, >= 2: an advantage is measured against the group's mean.
        normalised: Whether advantages are divided by the group's standard deviation.
        kl: Price on the divergence from the model without the adapter, per nat.
        max_tokens: Longest completion.
        stop: A token that holds one of these texts ends a completion.
        temperature: Of sampling.
        seed: Of initial weights, order of prompts and sampling.
    """

    rank: int = 8
    target_modules: tuple[str, ...] = ("q_proj", "v_proj")
    learning_rate: float = 1e-4
    steps: int = 75
    prompts: int = 8
    group: int = 8
    normalised: bool = True
    kl: float = 0.0
    max_tokens: int = 6
    stop: tuple[str, ...] = ("\n",)
    temperature: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "target_modules", tuple(self.target_modules))
        object.__setattr__(self, "stop", tuple(self.stop))
        for name, least in (("rank", 1), ("steps", 1), ("prompts", 1), ("group", 2), ("max_tokens", 1), ("seed", 0)):
            whole_number(f"recipe.{name}", getattr(self, name), minimum=least)
        positive("recipe.learning_rate", self.learning_rate)
        positive("recipe.temperature", self.temperature)
        if self.kl < 0:
            raise InputError("recipe.kl", self.kl, "expected a price >= 0")


@dataclass(frozen=True, eq=False, kw_only=True)
class PolicyTraining:
    """What happened in training.

    Attributes:
        reward: Mean reward by step, (steps,).
        idle: Share of prompts whose texts all earned the same, by step, (steps,): they teach nothing.
        loss: By step, (steps,).
        length: Mean length of completions in tokens by step, (steps,).
    """

    reward: Array
    idle: Array
    loss: Array
    length: Array


def train_policy(
    model: Path,
    prompts: Sequence[str],
    reward: Reward,
    recipe: PolicyRecipe,
    folder: Path,
    *,
    base: str,
    start: Path | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> PolicyTraining:
    """Train an adapter and save it in `folder`, as safetensors and JSON only.

    Args:
        model: Folder of the base model.
        prompts: What the model continues.
        reward: What its texts earn.
        recipe: How to train.
        folder: Where the adapter goes; appears only when complete, replacing what is there.
        base: SHA-256 of the base model's weights, recorded with the adapter.
        start: Folder of an adapter to go on from; its rank and layers are kept.
        report: Gets a line a step.

    Raises:
        InputError: No prompt, or TRL is not installed.
    """
    import torch

    if not prompts:
        raise InputError("prompts", 0, "give at least one")
    device: Literal["cuda", "cpu"] = "cuda" if torch.cuda.is_available() else "cpu"
    with _own_randomness(), no_progress_bars(), tempfile.TemporaryDirectory() as scratch:
        trainer = _trainer(model, prompts, reward, recipe, start=start, device=device, scratch=Path(scratch))
        trainer.add_callback(_reporter(report, recipe.steps))
        trainer.train()
        steps = [entry for entry in trainer.state.log_history if "reward" in entry]
        _save(trainer.model, recipe, folder, model=model, base=base, start=start)
    names = {"reward": "reward", "idle": "frac_reward_zero_std", "loss": "loss", "length": "completions/mean_length"}
    return PolicyTraining(**{ours: np.array([step[theirs] for step in steps]) for ours, theirs in names.items()})


def _trainer(
    model: Path,
    prompts: Sequence[str],
    reward: Reward,
    recipe: PolicyRecipe,
    *,
    start: Path | None,
    device: Literal["cuda", "cpu"],
    scratch: Path,
) -> Any:
    import torch
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TRL on importing: which versions of vLLM it knows; vLLM is not used here
        try:
            from datasets import Dataset
            from trl import GRPOConfig, GRPOTrainer
        except ImportError as error:
            raise InputError("trl", "not installed", 'pip install ".[training]"') from error

    tokenizer = AutoTokenizer.from_pretrained(
        model, local_files_only=True, trust_remote_code=False, padding_side="left"
    )
    plain = AutoModelForCausalLM.from_pretrained(
        model, dtype=torch.float32, local_files_only=True, use_safetensors=True, trust_remote_code=False
    )
    if start is not None:
        check_adapters({"start": start})
    plain.generation_config.eos_token_id = _ends(tokenizer, recipe.stop)
    torch.manual_seed(recipe.seed)
    network = (
        get_peft_model(
            plain,
            LoraConfig(
                r=recipe.rank,
                lora_alpha=2 * recipe.rank,
                target_modules=list(recipe.target_modules),
                lora_dropout=0.0,
                task_type="CAUSAL_LM",
            ),
        )
        if start is None
        else PeftModel.from_pretrained(plain, start, is_trainable=True)
    )

    def paid(completions: list[str], number: list[int], **_: object) -> list[float]:
        earned = finite_array("reward", np.asarray(reward(number, completions), dtype=np.float64), ndim=1)
        return [float(one) for one in earned]

    settings = GRPOConfig(
        output_dir=str(scratch),
        save_strategy="no",  # checkpoints hold pickled files
        report_to="none",
        logging_steps=1,
        disable_tqdm=True,
        use_cpu=device == "cpu",
        bf16=fastest_precision(device) == "bfloat16",
        gradient_checkpointing=False,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="constant",
        max_steps=recipe.steps,
        per_device_train_batch_size=recipe.prompts * recipe.group,
        num_generations=recipe.group,
        max_completion_length=recipe.max_tokens,
        temperature=recipe.temperature,
        beta=recipe.kl,
        scale_rewards="group" if recipe.normalised else "none",
        seed=recipe.seed,
    )
    data = Dataset.from_dict({"prompt": list(prompts), "number": list(range(len(prompts)))})
    trainer = GRPOTrainer(
        model=network, reward_funcs=paid, args=settings, train_dataset=data, processing_class=tokenizer
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _ends(tokenizer: Any, stop: Sequence[str]) -> list[int]:
    """Tokens that end a completion: the model's own, and each that holds one of the texts."""
    texts = tokenizer.batch_decode([[number] for number in range(len(tokenizer))])
    return [
        tokenizer.eos_token_id,
        *(number for number, text in enumerate(texts) if any(end in text for end in stop)),
    ]


def _reporter(report: Callable[[str], None], steps: int) -> Any:
    from transformers import TrainerCallback

    class Reporter(TrainerCallback):  # type: ignore[misc]
        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
            if logs and "reward" in logs:
                report(f"step {state.global_step}/{steps}, reward {logs['reward']:.3f}, loss {logs['loss']:.3f}")

    return Reporter()


def _save(network: Any, recipe: PolicyRecipe, folder: Path, *, model: Path, base: str, start: Path | None) -> None:
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    network.save_pretrained(partial, selected_adapters=["default"], save_embedding_layers=False)  # else it asks a hub
    (partial / "README.md").unlink(missing_ok=True)
    settings = partial / SETTINGS_FILE
    content = {**json.loads(settings.read_text(encoding="utf-8")), "base_model_name_or_path": base}
    settings.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    known = base_of_model(model, base)
    record = {
        "weights": sha256_of_file(partial / WEIGHTS_FILE),
        "base": base,
        "base_name": known.name,
        "base_config": known.config_sha256,
        "start": None if start is None else sha256_of_file(start / WEIGHTS_FILE),
        **asdict(recipe),
    }
    (partial / RECIPE_FILE).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)  # a folder can't be overwritten
    partial.replace(folder)


@contextmanager
def _own_randomness() -> Iterator[None]:
    """Keep TRL's seeding, which is global, from whoever draws numbers beside it."""
    import torch

    python, arrays = random.getstate(), np.random.get_state()  # noqa: NPY002 - kept, not used
    try:
        with torch.random.fork_rng():
            yield
    finally:
        random.setstate(python)
        np.random.set_state(arrays)  # noqa: NPY002
