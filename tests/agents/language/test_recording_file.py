"""A recording's file: canonical, portable, and refused by name when a single byte is wrong."""

import json
import random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.language.identity import ModelIdentity
from agents.language.protocol import ChoiceRequest, ChoiceScore, Completion, GenerationRequest
from agents.language.recording import Recording, Source, plain
from agents.language.recording_file import read_recording, to_bytes, write_recording
from sim.errors import InputError

MODEL = ModelIdentity(name="tiny", config_sha256="c", weights_sha256="w", tokenizer_sha256="t")
SOURCE = Source(backend="test:float32", model=MODEL, adapters={"left": "aa" * 32, "right": "bb" * 32})


def generation(prompt="Topic: bees\nPost:", **changes):
    return GenerationRequest(**{"prompt": prompt, "adapter": "left", "seed": 3, "max_tokens": 9} | changes)


def choice(prompt="I am", **changes):
    return ChoiceRequest(**{"prompt": prompt, "options": (" calm", " not calm"), "adapter": None} | changes)


def completion(text=" they buzz", tokens=3):
    return Completion(text=text, tokens=tokens, finish_reason="stop")


def score(*logprobs):
    return ChoiceScore(logprobs=np.array(logprobs), tokens=np.arange(1, len(logprobs) + 1))


def recorded(*answers, source=SOURCE):
    recording = Recording()
    recording.add_source(source)
    for request, answer in answers:
        recording.add(request, answer, source)
    return recording


SMALL = (
    (generation(), completion()),
    (generation(stop=("\n",), temperature=0.5), completion("")),
    (choice(), score(-1 / 3, -1e300)),
)


@pytest.fixture
def path(tmp_path):
    write_recording(recorded(*SMALL), tmp_path / "small.parquet")
    return tmp_path / "small.parquet"


def test_what_is_read_is_what_was_written_bit_for_bit(path):
    found = read_recording(path)
    assert found.sources == {SOURCE.id: SOURCE}
    for request, answer in SMALL:
        entry = found.entries[SOURCE.key(request)]
        assert entry.request == request
        assert plain(entry.answer) == plain(answer)
        assert type(entry.answer) is type(answer)
    assert len(found.entries) == len(SMALL)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.floats()), max_size=4))
def test_any_text_and_any_number_comes_back(tmp_path_factory, rows):
    answers = {prompt: ((choice(prompt, options=(prompt,))), score(value)) for prompt, value in rows}
    path = tmp_path_factory.mktemp("any") / "any.parquet"
    write_recording(recorded(*answers.values()), path)
    found = read_recording(path).entries
    assert {key: plain(entry.answer) for key, entry in found.items()} == {
        SOURCE.key(request): plain(answer) for request, answer in answers.values()
    }


def test_the_bytes_depend_on_the_answers_alone():
    assert to_bytes(recorded(*SMALL)) == to_bytes(recorded(*reversed(SMALL)))
    assert to_bytes(recorded(*SMALL)) != to_bytes(recorded(*SMALL[1:]))


def test_other_tools_read_it(path):
    assert sorted(pq.read_table(path)["text"].to_pylist(), key=str) == ["", " they buzz", None]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: b"", "is no Parquet file"),
        (lambda c: b"half a line of text", "is no Parquet file"),
        (lambda c: c[:-1], "is cut off"),
        (lambda c: c[: len(c) // 2], "is cut off"),
        (lambda c: c[:200] + b"PAR1", "is no recording"),
        (lambda c: c[:20] + bytes([c[20] ^ 1]) + c[21:], "is damaged"),
        (lambda c: c[:-5] + bytes([c[-5] ^ 1]) + c[-4:], "is damaged"),
    ],
    ids=["empty", "text", "a byte short", "half", "an end glued on", "a bit in the data", "a bit in the footer"],
)
def test_damage_is_refused_by_name(path, change, says):
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(InputError, match=f"small.parquet.*{says}"):
        read_recording(path)


def test_no_changed_bit_gets_through(path):
    content = path.read_bytes()
    rng = random.Random(0)
    for place in rng.sample(range(len(content)), 500):
        path.write_bytes(content[:place] + bytes([content[place] ^ (1 << rng.randrange(8))]) + content[place + 1 :])
        with pytest.raises(InputError, match=r"small\.parquet"):
            read_recording(path)


def test_no_file_and_other_tables_are_refused(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_recording(tmp_path / "none.parquet")
    pq.write_table(pa.table({"prompt": ["a"]}), tmp_path / "other.parquet")
    with pytest.raises(InputError, match="is no recording"):
        read_recording(tmp_path / "other.parquet")


def rewritten(content, rows=lambda rows: rows, header=lambda header: header):
    """A file whose checksum holds although its content is wrong."""
    import hashlib

    file = pq.ParquetFile(pa.BufferReader(content))
    schema, table = file.schema_arrow.remove_metadata(), file.read().to_pylist()
    told = header(json.loads(file.metadata.metadata[b"equipolis recording"]))
    mark = b"equipolis-recording-sha256:"
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema, store_schema=False) as writer:
        writer.write_table(pa.Table.from_pylist(rows(table), schema=schema))
        writer.add_key_value_metadata({"equipolis recording": json.dumps(told), "sha256": mark + b"0" * 64})
    blank = sink.getvalue().to_pybytes()
    return blank.replace(mark + b"0" * 64, mark + hashlib.sha256(blank).hexdigest().encode())


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"header": lambda h: {**h, "format": 2}}, "format 1"),
        ({"header": lambda h: {**h, "sources": []}}, "something else than answers"),
        ({"header": lambda h: []}, "something else than answers"),
        ({"rows": lambda rows: [{**row, "tokens": None} for row in rows]}, "something else than answers"),
        ({"rows": lambda rows: [{**row, "prompt": None} for row in rows]}, "something else than answers"),
        ({"rows": lambda rows: [{**row, "logprobs": [0.0]} for row in rows]}, "something else than answers"),
        ({"rows": lambda rows: [*rows, {**rows[0], "text": "x", "logprobs": [0.0, 0.0]}]}, "contradict"),
    ],
)
def test_wrong_content_under_a_right_checksum_is_refused(path, wrong, says):
    content = path.read_bytes()
    path.write_bytes(rewritten(content))
    assert len(read_recording(path).entries) == len(SMALL)
    path.write_bytes(rewritten(content, **wrong))
    with pytest.raises(InputError, match=says):
        read_recording(path)


def test_the_key_is_of_the_weights_and_the_whole_request_not_of_names():
    renamed = Source(backend=SOURCE.backend, model=MODEL, adapters={"L": "aa" * 32})
    assert SOURCE.key(generation()) == renamed.key(generation(adapter="L"))
    others = [
        (SOURCE, generation(seed=4)),
        (SOURCE, generation(max_tokens=8)),
        (SOURCE, generation(temperature=0.0)),
        (SOURCE, generation(stop=("\n",))),
        (SOURCE, generation(prompt="Topic: wasps\nPost:")),
        (SOURCE, generation(adapter="right")),
        (SOURCE, generation(adapter=None)),
        (Source(backend="test:bfloat16", model=MODEL, adapters=SOURCE.adapters), generation()),
        (Source(backend=SOURCE.backend, model=None, adapters=SOURCE.adapters), generation()),
        (Source(backend=SOURCE.backend, model=MODEL, adapters={"left": "cc" * 32}), generation()),
        (SOURCE, choice()),
        (SOURCE, choice(options=(" calm not calm",))),
    ]
    keys = {source.key(request) for source, request in others}
    assert len(keys | {SOURCE.key(generation())}) == len(others) + 1
    assert SOURCE.key(generation(temperature=1)) == SOURCE.key(generation(temperature=1.0))


def test_recordings_merge_in_any_order_and_contradictions_are_refused():
    one, two = recorded(*SMALL[:2]), recorded(*SMALL[1:])
    other = Source(backend="test:bfloat16", model=MODEL, adapters={})
    three = recorded((choice(), score(-2.0, -3.0)), source=other)
    forwards, backwards = Recording(), Recording()
    for part in (one, two, three):
        forwards.include(part)
    for part in (three, two, one):
        backwards.include(part)
    assert to_bytes(forwards) == to_bytes(backwards)
    assert len(forwards.entries) == 4
    with pytest.raises(InputError, match="contradict each other"):
        forwards.include(recorded((generation(), completion(" they sting"))))
    with pytest.raises(InputError, match="adapter 'left'"):
        forwards.add_source(Source(backend=SOURCE.backend, model=MODEL, adapters={"left": "cc" * 32}))
