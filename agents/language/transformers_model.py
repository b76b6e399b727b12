"""The in-process backend: transformers and peft, on any machine, no server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from agents.language.adapters import check_adapters, check_known
from agents.language.batches import length_batches, padded
from agents.language.protocol import (
    ChoiceRequest,
    ChoiceScore,
    Completion,
    GenerationRequest,
    LanguageModelError,
)
from agents.language.quiet import no_progress_bars
from agents.language.sampling import Sampler
from agents.language.scoring import choice_scores
from agents.language.tokens import ScoredSequence, TextCodec


class TransformersLanguageModel:
    """A causal language model with LoRA adapters in this process.

    Args:
        model: Model folder (safetensors, tokenizer).
        adapters: Name to adapter folder, as peft saves it.
        dtype: "float32" is exact; "bfloat16" is about twice as fast and off by .05 nats per token on average.
        batch_size: Most sequences run through the model at once.
        device: Torch device; default: "cuda" if there is one, else "cpu".
    """

    def __init__(
        self,
        model: Path,
        adapters: Mapping[str, Path] | None = None,
        dtype: Literal["float32", "bfloat16"] = "float32",
        batch_size: int = 16,
        device: str | None = None,
    ) -> None:
        self.name = f"transformers:{Path(model).name}:{dtype}"
        self._folder = Path(model)
        self._adapters = {name: Path(folder) for name, folder in (adapters or {}).items()}
        self._dtype = dtype
        self._batch_size = batch_size
        self._device = device
        self._model: Any = None
        self._codec: TextCodec | None = None
        check_adapters(self._adapters)

    def __enter__(self) -> Self:
        """Load the weights and every adapter."""
        import torch
        from peft import PeftModel
        from transformers import AutoModelForCausalLM

        self._device = self._device or ("cuda" if torch.cuda.is_available() else "cpu")
        self._codec = TextCodec(self._folder)
        with no_progress_bars():
            model: Any = AutoModelForCausalLM.from_pretrained(
                self._folder,
                dtype=getattr(torch, self._dtype),
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
            )
            for number, (name, folder) in enumerate(self._adapters.items()):
                if number == 0:
                    model = PeftModel.from_pretrained(model, folder, adapter_name=name)
                else:
                    model.load_adapter(folder, adapter_name=name)
        self._model = model.to(self._device).eval()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Free the weights."""
        self._model = None
        self._codec = None

    def generate(self, requests: Sequence[GenerationRequest]) -> list[Completion]:
        """Write one text per request."""
        codec = self._ready([r.adapter for r in requests])
        prompts = [codec.prompt_ids(r.prompt) for r in requests]
        for request, ids in zip(requests, prompts, strict=True):
            self._check_length(len(ids) + request.max_tokens)
        samplers = [Sampler(request, codec, self._end_ids()) for request in requests]
        lengths = [len(ids) + r.max_tokens for ids, r in zip(prompts, requests, strict=True)]
        for batch in length_batches(lengths, [r.adapter for r in requests], self._batch_size):
            with self._adapter(requests[batch[0]].adapter):
                self._complete([prompts[i] for i in batch], [samplers[i] for i in batch])
        return [sampler.completion for sampler in samplers if sampler.completion is not None]

    def choice_logprobs(self, requests: Sequence[ChoiceRequest]) -> list[ChoiceScore]:
        """Score the options of each request."""
        codec = self._ready([r.adapter for r in requests])
        asked = codec.scored_sequences(requests)
        sequences = list(dict.fromkeys(sequence for row in asked for sequence in row))  # repeated ones run once
        for sequence in sequences:
            self._check_length(len(sequence.ids))
        totals: dict[ScoredSequence, float] = {}
        lengths, adapters = [len(s.ids) for s in sequences], [s.adapter for s in sequences]
        for batch in length_batches(lengths, adapters, self._batch_size):
            with self._adapter(adapters[batch[0]]):
                rows = [sequences[i] for i in batch]
                totals.update(zip(rows, self._score(rows), strict=True))
        return choice_scores(asked, totals)

    def _ready(self, adapters: Sequence[str | None]) -> TextCodec:
        if self._codec is None:
            raise LanguageModelError(f"{self.name}: not loaded. Use it inside a `with` block.")
        for adapter in adapters:
            check_known(adapter, self._adapters, self.name)
        return self._codec

    def _check_length(self, tokens: int) -> None:
        limit = int(self._model.config.max_position_embeddings)
        if tokens > limit:
            raise LanguageModelError(
                f"{self.name}: a request needs {tokens} tokens, the model reads {limit}. "
                "Shorten the prompt or lower max_tokens."
            )

    def _end_ids(self) -> frozenset[int]:
        end = self._model.generation_config.eos_token_id
        return frozenset([] if end is None else end if isinstance(end, list) else [end])

    @contextmanager
    def _adapter(self, name: str | None) -> Iterator[None]:
        if not self._adapters:
            yield
        elif name is None:
            with self._model.disable_adapter():
                yield
        else:
            self._model.set_adapter(name, inference_mode=True)
            yield

    def _score(self, sequences: Sequence[ScoredSequence]) -> list[float]:
        """Total log-probability of each sequence's option, computed in one padded batch."""
        import torch

        width = padded(max(len(s.ids) for s in sequences))
        first = min(s.start for s in sequences) - 1  # logits are only computed where some option begins or later
        ids = torch.zeros((len(sequences), width), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, sequence in enumerate(sequences):
            ids[row, : len(sequence.ids)] = torch.tensor(sequence.ids)
            mask[row, : len(sequence.ids)] = 1
        with torch.inference_mode():
            logits = self._model(
                input_ids=ids.to(self._device),
                attention_mask=mask.to(self._device),
                logits_to_keep=torch.arange(first, width, device=self._device),
                use_cache=False,
            ).logits
            totals = []
            for row, s in enumerate(sequences):
                before = logits[row, s.start - 1 - first : len(s.ids) - 1 - first].float().log_softmax(dim=-1)
                chosen = torch.tensor(s.ids[s.start :], device=before.device)
                totals.append(float(before.gather(1, chosen[:, None]).double().sum()))
        return totals

    def _complete(self, prompts: Sequence[Sequence[int]], samplers: Sequence[Sampler]) -> None:
        """Run a left-padded batch token by token until every sampler has ended; ended rows leave it."""
        import torch

        width = padded(max(len(ids) for ids in prompts))
        ids = torch.zeros((len(prompts), width), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, prompt in enumerate(prompts):
            ids[row, width - len(prompt) :] = torch.tensor(list(prompt))
            mask[row, width - len(prompt) :] = 1
        ids, mask = ids.to(self._device), mask.to(self._device)
        positions = (mask.cumsum(dim=1) - 1).clamp(min=0)
        active, cache = list(samplers), None
        with torch.inference_mode():
            while active:
                output = self._model(
                    input_ids=ids,
                    attention_mask=mask,
                    position_ids=positions,
                    past_key_values=cache,
                    logits_to_keep=1,
                    use_cache=True,
                )
                logits: NDArray[np.float32] = output.logits[:, -1].float().cpu().numpy()
                tokens = [sampler.push(row) for sampler, row in zip(active, logits, strict=True)]
                going = [row for row, sampler in enumerate(active) if sampler.completion is None]
                cache = output.past_key_values
                if 0 < len(going) < len(active):
                    keep = torch.tensor(going, device=mask.device)
                    cache.batch_select_indices(keep)
                    mask, positions = mask[keep], positions[keep]
                ids = torch.tensor([[tokens[row]] for row in going], device=mask.device)
                active = [active[row] for row in going]
                mask = torch.cat([mask, mask.new_ones((mask.shape[0], 1))], dim=1)
                positions = positions[:, -1:] + 1
