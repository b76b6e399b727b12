"""Text to token ids and back: the one rule every backend shares, so that their log-probabilities agree.

The boundary between a prompt and an option is a token boundary by construction: the two are tokenised apart
and their ids joined. (Tokenising the joined text instead lets a tokenizer merge across the boundary, and
"the log-probability of the option" would then depend on the prompt's last letters.) So an option carries
its own leading space: score " Paris" after "The capital of France is".

A prompt is tokenised the way the model's tokenizer does by default, with the special tokens it adds and
those spelled in the text (chat templates); an option gets none added. An empty prompt becomes the model's
start token: some tokenizers, the packaged model's among them, add none by themselves, and a first token
needs something to follow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.language.protocol import ChoiceRequest, LanguageModelError


@dataclass(frozen=True, kw_only=True)
class ScoredSequence:
    """Token ids of prompt and option joined, and where the option begins.

    Attributes:
        ids: Token ids of prompt and option.
        start: Index of the option's first token (at least 1).
        adapter: Name of the adapter that scores it; None is the base model.
    """

    ids: tuple[int, ...]
    start: int
    adapter: str | None

    @property
    def option_tokens(self) -> int:
        """Number of tokens of the option."""
        return len(self.ids) - self.start


class TextCodec:
    """A model's tokenizer behind the rule above.

    Args:
        folder: Model or tokenizer folder (tokenizer.json, tokenizer_config.json, chat template).
    """

    def __init__(self, folder: Path) -> None:
        from transformers import AutoTokenizer

        if not (folder / "tokenizer.json").is_file():
            raise LanguageModelError(
                f"tokenizer {folder}: no tokenizer.json there. Give the model's own folder, e.g. packaged_model()."
            )
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        start = self._tokenizer.bos_token_id
        self.start_id: int | None = None if start is None else int(start)

    def prompt_ids(self, prompt: str) -> list[int]:
        """Token ids of a prompt; never empty."""
        ids = [int(i) for i in self._tokenizer(prompt)["input_ids"]]
        if ids[:2] == [
            self.start_id,
            self.start_id,
        ]:  # a chat template spelled the start token, and it was added too
            return ids[1:]
        if ids:
            return ids
        if self.start_id is None:
            raise LanguageModelError(
                "empty prompt: this tokenizer has no start token (bos_token) to score from. Give a prompt."
            )
        return [self.start_id]

    def option_ids(self, option: str) -> list[int]:
        """Token ids of an option, nothing added; never empty."""
        ids = [int(i) for i in self._tokenizer(option, add_special_tokens=False)["input_ids"]]
        if not ids:
            raise LanguageModelError(f"option {option!r} has no tokens, so no log-probability. Give a text.")
        return ids

    def scored_sequence(self, prompt: str, option: str, adapter: str | None) -> ScoredSequence:
        """Join a prompt and an option."""
        before, ids = self.prompt_ids(prompt), self.option_ids(option)
        return ScoredSequence(ids=(*before, *ids), start=len(before), adapter=adapter)

    def scored_sequences(self, requests: Sequence[ChoiceRequest]) -> list[list[ScoredSequence]]:
        """Join each request's prompt with each of its options; shape follows the requests."""
        return [[self.scored_sequence(r.prompt, option, r.adapter) for option in r.options] for r in requests]

    def text(self, ids: Sequence[int]) -> str:
        """Text of generated ids, special tokens left out."""
        decoded: str = self._tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return decoded

    def chat_prompt(self, messages: Sequence[Mapping[str, str]]) -> str:
        """Prompt text of a conversation in the model's own chat template, open for the assistant's answer.

        Args:
            messages: Each with "role" (system, user or assistant) and "content".
        """
        if not self._tokenizer.chat_template:
            raise LanguageModelError("this tokenizer has no chat template: write the prompt as plain text.")
        text: str = self._tokenizer.apply_chat_template(
            [dict(m) for m in messages], tokenize=False, add_generation_prompt=True
        )
        return text
