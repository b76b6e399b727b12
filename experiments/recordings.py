"""The command `equipolis recording`: what a recording of a language model holds, and several in one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from agents.language.protocol import ChoiceRequest, Completion
from agents.language.recording import Recording
from agents.language.recording_file import read_recording, write_recording
from experiments.untrusted import plain
from sim.errors import InputError

USAGE = """usage: equipolis recording FILE                   what is recorded: models, answers, size, checksum
       equipolis recording merge TARGET FILE ...  all answers of several recordings in one file"""
_COUNTED = ("texts", "tokens", "scored prompts", "options")


def command(arguments: Sequence[str], console: Console) -> None:
    """Show a recording, or merge several.

    Raises:
        InputError: A file is no recording, is damaged, or contradicts another; or the arguments are none.
    """
    match list(arguments):
        case ["merge", target, *files] if files:
            merged = Recording()
            for file in files:
                merged.include(read_recording(Path(file)))
            write_recording(merged, Path(target))
            show(Path(target), console)
        case ["-h" | "--help"]:
            console.print(USAGE, highlight=False, markup=False)
        case [file] if file != "merge" and not file.startswith("-"):
            show(Path(file), console)
        case _:
            raise InputError("arguments", " ".join(arguments) or "none", f"\n{USAGE}")


def show(path: Path, console: Console) -> None:
    """Print what a recording holds, by model and adapter."""
    found = read_recording(path)
    counts: dict[str, dict[str, Counter[str]]] = {source: {} for source in sorted(found.sources)}
    for entry in found.entries.values():
        of = counts[entry.source].setdefault(entry.request.adapter or "none", Counter())
        if isinstance(entry.answer, Completion):
            of.update(texts=1, tokens=entry.answer.tokens)
        elif isinstance(entry.request, ChoiceRequest):
            of.update({"scored prompts": 1, "options": len(entry.request.options)})
    for source, adapters in counts.items():
        table = Table("adapter", *_COUNTED, title=plain(source), title_justify="left")
        for adapter, of in sorted(adapters.items()):
            table.add_row(plain(adapter), *(f"{of[name]:,}" for name in _COUNTED))
        console.print(table)
    size = path.stat().st_size
    each = f", {size / len(found.entries):.0f} each" if found.entries else ""
    console.print(f"{len(found.entries):,} answers in {size:,} bytes{each}", highlight=False)
