"""A recording as one Parquet file, the same bytes for the same answers, whose own checksum refuses any changed byte."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from agents.language.identity import ModelIdentity
from agents.language.protocol import ChoiceRequest, ChoiceScore, Completion, GenerationRequest
from agents.language.recording import Answer, Entry, Recording, Request, Source
from sim.errors import InputError

_HEADER = b"equipolis recording"
_MARK = b"equipolis-recording-sha256:"
_BLANK = b"0" * 64
_FORMAT = 1
_TEXTS = pa.list_(pa.string())
_SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("prompt", pa.string()),
        ("adapter", pa.string()),
        ("seed", pa.int64()),  # this and the next three: completions only
        ("max_tokens", pa.int64()),
        ("temperature", pa.float64()),
        ("stop", _TEXTS),
        ("options", _TEXTS),  # option scores only
        ("text", pa.string()),
        ("finish_reason", pa.string()),
        ("tokens", pa.list_(pa.int64())),
        ("logprobs", pa.list_(pa.float64())),
    ]
)
_REMEDY = "copy it anew from where it was recorded, or record again"


def write_recording(recording: Recording, path: Path) -> None:
    """Write a recording: the file is there whole or not at all.

    Raises:
        OSError: The file can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with draft.open("wb") as file:
            file.write(to_bytes(recording))
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def read_recording(path: Path) -> Recording:
    """Read a recording.

    Raises:
        InputError: No file, no recording, or one that is cut off or damaged.
    """
    name = f"recording {path}"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(name, error.strerror, "give the directory of a finished run, or a recording") from None
    _check(name, content)
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        header = json.loads(file.metadata.metadata[_HEADER])
        if header["format"] != _FORMAT:
            raise InputError(f"format of {name}", header["format"], f"this version reads format {_FORMAT}")
        recording = Recording()
        for row in header["sources"]:
            model = row["model"] and ModelIdentity(**row["model"])
            recording.add_source(Source(backend=row["backend"], model=model, adapters=row["adapters"]))
        for row in file.read(columns=_SCHEMA.names).cast(_SCHEMA).to_pylist():
            request, answer = _from_row(row)
            recording.add(request, answer, recording.sources[row["source"]])
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OSError, pa.ArrowException) as error:
        raise InputError(name, type(error).__name__, f"holds something else than answers; {_REMEDY}") from error
    return recording


def to_bytes(recording: Recording) -> bytes:
    """A recording as the bytes of its file."""
    rows = [_to_row(entry) for _, entry in sorted(recording.entries.items())]
    sources = [asdict(source) for _, source in sorted(recording.sources.items())]
    header = json.dumps({"format": _FORMAT, "sources": sources}, sort_keys=True)
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, _SCHEMA, compression="zstd", store_schema=False) as writer:
        writer.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA))
        writer.add_key_value_metadata({_HEADER: header.encode(), b"sha256": _MARK + _BLANK})
    content: bytes = sink.getvalue().to_pybytes()
    before, mark, after = content.rpartition(_MARK)
    return before + mark + hashlib.sha256(content).hexdigest().encode() + after[len(_BLANK) :]


def _check(name: str, content: bytes) -> None:
    """Compare the checksum in the footer with that of the file without it."""
    if content[:4] != b"PAR1":
        raise InputError(name, repr(content[:4]), "is no Parquet file; give language.parquet of a run")
    if content[-4:] != b"PAR1":
        raise InputError(name, f"{len(content)} bytes", f"is cut off: the end is missing; {_REMEDY}")
    before, mark, after = content.rpartition(_MARK)
    if not mark:
        raise InputError(name, "no checksum", "is no recording; give language.parquet of a run")
    promised, rest = after[: len(_BLANK)], after[len(_BLANK) :]
    found = hashlib.sha256(b"".join((before, mark, _BLANK, rest))).hexdigest().encode()
    if found != promised:
        raise InputError(name, f"checksum {found[:12].decode()}", f"is damaged: the file promises another; {_REMEDY}")


def _to_row(entry: Entry) -> dict[str, Any]:
    answer = entry.answer
    row = {"source": entry.source, **vars(entry.request)}
    if isinstance(answer, Completion):
        return row | {"text": answer.text, "finish_reason": answer.finish_reason, "tokens": [answer.tokens]}
    return row | {"tokens": answer.tokens.tolist(), "logprobs": answer.logprobs.tolist()}


def _from_row(row: dict[str, Any]) -> tuple[Request, Answer]:
    who: dict[str, Any] = {"prompt": row["prompt"], "adapter": row["adapter"]}
    if row["options"] is not None:
        score = ChoiceScore(logprobs=np.array(row["logprobs"], float), tokens=np.array(row["tokens"], np.int64))
        if not len(row["options"]) == len(score.logprobs) == len(score.tokens):
            raise ValueError("an option without score")
        return ChoiceRequest(**who, options=tuple(row["options"])), score
    (tokens,) = row["tokens"]
    sampling = {name: row[name] for name in ("seed", "max_tokens", "temperature")}
    if None in (row["text"], row["finish_reason"], row["prompt"], *sampling.values()):
        raise ValueError("a request or answer in part")
    completion = Completion(text=row["text"], tokens=tokens, finish_reason=row["finish_reason"])
    return GenerationRequest(**who, **sampling, stop=tuple(row["stop"])), completion
