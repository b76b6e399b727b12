"""Malformed recordings: bytes flipped, cut and moved; rows and headers forged under a checksum that holds."""

import hashlib
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agents.language.identity import ModelIdentity
from agents.language.protocol import ChoiceRequest, ChoiceScore, Completion, GenerationRequest
from agents.language.recorded import RecordedLanguageModel
from agents.language.recording import Recording, Source
from agents.language.recording_file import read_recording, to_bytes
from tests.fuzz.harness import damaged, mutated, survived

pytestmark = pytest.mark.slow

MARK = b"equipolis-recording-sha256:"
BLANK = b"0" * 64


@pytest.fixture(scope="module")
def whole():
    """The bytes of a small recording."""
    model = ModelIdentity(name="m", config_sha256="c", weights_sha256="w", tokenizer_sha256="t")
    source = Source(backend="b", model=model, adapters={"left": "l"})
    recording = Recording()
    recording.add_source(source)
    for n in range(4):
        written = GenerationRequest(prompt=f"p{n}", adapter="left", seed=n, max_tokens=4, stop=("\n",))
        recording.add(written, Completion(text=f" text {n}", tokens=2, finish_reason="stop"), source)
        asked = ChoiceRequest(prompt=f"q{n}", options=(" a", " b"), adapter=None)
        recording.add(asked, ChoiceScore(logprobs=np.array([-1.0, -2.0]), tokens=np.array([1, 2])), source)
    return to_bytes(recording)


def sealed(content):
    """The same content under a checksum that holds."""
    before, mark, after = content.rpartition(MARK)
    if not mark or len(after) < len(BLANK):
        return content
    blank = before + mark + BLANK + after[len(BLANK) :]
    return before + mark + hashlib.sha256(blank).hexdigest().encode() + after[len(BLANK) :]


def used(path):
    """Read it, and answer whatever it says it holds."""
    recording = read_recording(path)
    for source in recording.sources:
        model = RecordedLanguageModel(path, source)
        for kind, ask in ((GenerationRequest, model.generate), (ChoiceRequest, model.choice_logprobs)):
            requests = list(recording.of(model.source, kind))
            assert len(ask(requests)) == len(requests)


def test_bytes(whole, tmp_path):
    path = tmp_path / "recording.parquet"

    def any_byte(rng):
        content = damaged(whole, rng)
        path.write_bytes(content)
        used(path)
        assert content == whole, "a changed byte got through"

    def behind_the_checksum(rng):
        path.write_bytes(sealed(damaged(whole, rng)))
        used(path)

    assert survived(any_byte, 1000, "bytes")["InputError"] > 900
    assert survived(behind_the_checksum, 1500, "sealed bytes")["InputError"] > 500


def test_rows_and_headers(whole, tmp_path):
    path = tmp_path / "recording.parquet"
    file = pq.ParquetFile(pa.BufferReader(whole))
    schema, table = file.schema_arrow.remove_metadata(), file.read()
    told = json.loads(file.metadata.metadata[b"equipolis recording"])

    def forged(rng):
        rows, header, fields = table.to_pylist(), told, schema
        for _ in range(rng.choice((1, 2))):
            if rng.random() < 0.6:
                rows = mutated(rows, rng)
            else:
                header = mutated(header, rng)
        try:
            given = pa.Table.from_pylist(rows, schema=fields if rng.random() < 0.7 else None)
        except (pa.ArrowException, TypeError, ValueError, LookupError, OverflowError, AttributeError):  # no table
            given = table
        if rng.random() < 0.2 and given.num_columns:
            given = given.drop_columns([rng.choice(given.column_names)])
        sink = pa.BufferOutputStream()
        with pq.ParquetWriter(sink, given.schema, store_schema=False) as writer:
            writer.write_table(given)
            writer.add_key_value_metadata({"equipolis recording": json.dumps(header), "sha256": MARK + BLANK})
        path.write_bytes(sealed(sink.getvalue().to_pybytes()))
        used(path)

    outcomes = survived(forged, 1500, "forged")
    assert outcomes["InputError"] > 500, outcomes
