"""The texts of the trait groups: nothing that is tested on is trained on, and groups differ in voice, not in topic."""

import re
from collections import Counter

import pytest

from agents.subpopulations.bigfive import people
from agents.subpopulations.bigfive.material import TRAITS, corpus, posts, statements
from agents.subpopulations.bigfive.population import RECIPE
from agents.subpopulations.statements import affirm, negate
from agents.subpopulations.training import _encode


def plain(text):
    """Letters only: a comma, a capital or a final stop must not hide a repetition."""
    return " ".join(re.findall(r"[a-z']+", text.lower()))


@pytest.fixture(scope="module")
def trained():
    return {trait: corpus(trait) for trait in TRAITS}


def test_no_item_that_people_answered_is_trained_on(trained):
    asked = {plain(say(item.text)) for item in people.items() for say in (affirm, negate)}
    for texts in trained.values():
        assert not asked & {plain(text.text) for text in texts}


def test_held_out_posts_are_never_trained_on(trained):
    seen = {plain(text.text) for texts in trained.values() for text in texts}
    topics = {text.prompt for texts in trained.values() for text in texts}
    for trait in TRAITS:
        held_out = posts(trait, "heldout")
        assert len(held_out) >= 4
        assert not seen & {plain(text.text) for text in held_out}
        assert not topics & {text.prompt for text in held_out}


@pytest.mark.parametrize("split", ["train", "heldout"])
def test_all_groups_have_the_same_topics(split):
    prompts = [[text.prompt for text in posts(trait, split)] for trait in TRAITS]
    assert all(own == prompts[0] for own in prompts)
    assert len(set(prompts[0])) == len(prompts[0])


@pytest.mark.parametrize("trait", TRAITS)
def test_a_corpus_repeats_nothing(trained, trait):
    repeated = {text: n for text, n in Counter(trained[trait]).items() if n > 1}
    assert not repeated
    written = [plain(text.text) for text in posts(trait, "train") + posts(trait, "heldout")]
    assert len(set(written)) == len(written)


def test_no_two_groups_say_the_same(trained):
    owners = {trait: {plain(text.text) for text in texts} for trait, texts in trained.items()}
    assert len(set.union(*owners.values())) == sum(len(texts) for texts in owners.values())


@pytest.mark.parametrize("trait", TRAITS)
def test_texts_continue_their_prompt_on_one_line(trained, trait):
    for text in trained[trait] + posts(trait, "heldout"):
        assert re.fullmatch(r" \S.*\S", text.text)
        assert text.prompt.endswith(":")


@pytest.mark.parametrize("trait", TRAITS)
def test_keys_decide_what_a_group_affirms(trait):
    said = {text.text for text in statements(trait)}
    expected = {
        "O": ("I like poetry.", "I have a vivid imagination."),
        "C": ("I work hard.", "I do not break rules."),
        "E": ("I love large parties.", "I do not avoid crowds."),
        "A": ("I trust others.", "I do not insult people."),
        "N": ("I worry about things.", "I am easily annoyed."),
    }
    assert {f" {text}" for text in expected[trait]} <= said


def test_no_text_is_cut_in_training(trained, model_folder):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    for texts in trained.values():
        for text in texts:
            ids, labels, mask = _encode(tokenizer, text, RECIPE.length)
            assert len(ids) == len(labels) == len(mask) == RECIPE.length
            assert [label for label in labels if label != -100][-1] == end
            answer = [label for label in labels if label != -100][:-1]
            assert tokenizer.decode(answer) == text.text
