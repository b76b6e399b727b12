"""The one tokenisation rule: where a prompt ends, and what an empty one becomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.language.protocol import LanguageModelError
from agents.language.tokens import TextCodec


@pytest.fixture(scope="module")
def codec(model_folder: Path) -> TextCodec:
    return TextCodec(model_folder)


def test_prompt_and_option_meet_at_a_token_boundary_even_where_the_joined_text_would_merge(
    codec: TextCodec,
) -> None:
    sequence = codec.scored_sequence("Taxes are unfa", "ir", None)
    assert list(sequence.ids[: sequence.start]) == codec.prompt_ids("Taxes are unfa")
    assert list(sequence.ids[sequence.start :]) == codec.option_ids("ir")
    assert list(sequence.ids) != codec.prompt_ids("Taxes are unfair")


def test_an_empty_prompt_is_the_start_token(codec: TextCodec) -> None:
    assert codec.prompt_ids("") == [codec.start_id] == codec.prompt_ids("<|im_start|>")
    assert codec.scored_sequence("", "Hello", None).start == 1


def test_an_option_without_tokens_is_an_error(codec: TextCodec) -> None:
    with pytest.raises(LanguageModelError, match="no tokens"):
        codec.scored_sequence("prompt", "", None)


@pytest.mark.parametrize("text", ["plain", " leading space", "Grüße, 世界 🙂", "two\nlines , spaced"])
def test_text_survives_the_round_trip(codec: TextCodec, text: str) -> None:
    assert codec.text(codec.option_ids(text)) == text


def test_special_tokens_are_left_out_of_texts(codec: TextCodec) -> None:
    assert codec.text([*codec.option_ids("done"), *codec.option_ids("<|im_end|>")]) == "done"


def test_the_chat_prompt_ends_where_the_assistant_begins(codec: TextCodec) -> None:
    prompt = codec.chat_prompt([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}])
    assert prompt.endswith("<|im_start|>assistant\n")
    assert codec.prompt_ids(prompt)[0] == codec.start_id


def test_a_folder_without_a_tokenizer_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LanguageModelError, match=r"no tokenizer\.json"):
        TextCodec(tmp_path)
