"""Read a table as text, cell by cell: CSV in several dialects, Parquet, Stata, or a folder saved by `datasets`.

Cells are text and an empty cell is missing, so that labels such as "None" or "NA" stay what they are, and so that
every complaint can name a row and a column.
"""

from __future__ import annotations

import codecs
import csv
import struct
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from agents.subpopulations.sources.fetch import Given, existing
from sim.errors import InputError

SEPARATORS = (",", ";", "\t", "|")


@dataclass(frozen=True, eq=False)
class TableFile:
    """A table whose cells are all text.

    Attributes:
        path: Where it was read.
        rows: The table; "" is an empty cell. The index counts the rows of the file from zero.
        first_row: Number of the first row of data as a reader counts: 2 below the header of a CSV, else 1.
        comma: Whether numbers may be written with a decimal comma, as where semicolons separate the cells.
    """

    path: Path
    rows: pd.DataFrame
    first_row: int
    comma: bool = False

    def row(self, index: object) -> str:
        """Name of a row as a reader counts it.

        >>> TableFile(Path("x.csv"), pd.DataFrame({"p": ["1"]}), first_row=2).row(0)
        'row 2'
        """
        return f"row {int(str(index)) + self.first_row}"


def read_table(
    path: Given,
    *,
    encoding: str = "utf-8",
    split: str = "train",
    columns: Sequence[str] | None = None,
    labelled: bool = False,
) -> TableFile:
    """Read a table.

    Args:
        path: A file ending in .parquet or .dta (Stata), a folder with Parquet files or saved by
            `datasets.Dataset.save_to_disk`, or else a text file separated by comma, semicolon, tab or bar.
        encoding: Of a text file. UTF-16 and UTF-8 with a byte-order mark are recognised.
        split: Which split of a saved `DatasetDict`.
        columns: Read these only, where the file has them; None for all.
        labelled: Take a Stata file's value labels instead of its codes.

    Raises:
        InputError: No file, an empty one, another format, wrong encoding, ragged rows, or a column named twice.
    """
    place = existing(path)
    comma = False
    if place.is_dir():
        table, first = _plain(_folder(place, split)), 1
    elif place.stat().st_size == 0:
        raise InputError("path", place, "the file is empty")
    elif place.suffix == ".parquet":
        table, first = _plain(_parquet([place])), 1
    elif place.suffix == ".dta":
        table, first = _plain(_stata(place, labelled)), 1
    else:
        (table, separator), first = _text(place, _encoding(place, encoding), columns), 2
        comma = separator == ";"
    if columns is not None:
        table = table[[column for column in table.columns if column in set(columns)]]
    if table.empty:
        raise InputError("path", place, "the table has no rows")
    return TableFile(place, table, first, comma)


def _encoding(path: Path, given: str) -> str:
    try:
        codecs.lookup(given)
    except LookupError as error:
        remedy = "no text encoding; expected one such as utf-8 or latin-1 (in a command: data.encoding=latin-1)"
        raise InputError(f"encoding of {path.name}", given, remedy) from error
    with path.open("rb") as stream:
        start = stream.read(4)
    if start.startswith(b"PK\x03\x04"):
        raise InputError("path", path, "a spreadsheet or archive; save the sheet as CSV (UTF-8), or unpack the archive")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\x00" in start:
        raise InputError("path", path, "looks like UTF-16 without its mark; save it as UTF-8")
    return "utf-8-sig" if start.startswith(b"\xef\xbb\xbf") else given


def _text(path: Path, encoding: str, columns: Sequence[str] | None) -> tuple[pd.DataFrame, str]:
    try:
        header, separator = _header(path, encoding)
        wanted = None if columns is None else [n for n, name in enumerate(header) if name in set(columns)]
        with warnings.catch_warnings():
            # With index_col=False pandas only warns of rows that are longer than the header.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                path,
                sep=separator,
                encoding=encoding,
                dtype=str,
                na_filter=False,
                index_col=False,
                skip_blank_lines=False,
                usecols=wanted,
            )
    except (UnicodeError, LookupError) as error:
        raise InputError(f"encoding of {path.name}", encoding, _where_undecodable(path, encoding)) from error
    except (pd.errors.ParserError, pd.errors.ParserWarning, csv.Error) as error:
        raise InputError("path", path, f"rows of different lengths or an open quote: {error}") from error
    names = header if wanted is None else [header[n] for n in wanted]
    if len(names) != table.shape[1]:  # a quoted name that holds a line feed
        raise InputError("path", path, "the first line must hold the column names, each on that one line")
    table.columns = pd.Index(names)
    for column in table.columns:
        table[column] = table[column].fillna("").str.strip()
    return table[(table != "").any(axis=1)], separator


def _header(path: Path, encoding: str) -> tuple[list[str], str]:
    with path.open(encoding=encoding, newline="") as stream:
        line = stream.readline()
    if not line.strip():
        raise InputError("path", path, "the first line is empty; it must hold the column names")
    split = {separator: next(csv.reader([line], delimiter=separator)) for separator in SEPARATORS}
    separator = max(SEPARATORS, key=lambda s: len(split[s]))
    names = [name.strip() for name in split[separator]]
    name, times = Counter(names).most_common(1)[0]
    if times > 1:
        raise InputError(f"column {name!r} of {path.name}", f"{times} times in row 1", "give every column its own name")
    return names, separator


def _where_undecodable(path: Path, encoding: str) -> str:
    data = path.read_bytes()
    remedy = (
        "save the file as UTF-8, or name its encoding, as in encoding='latin-1' (in a command: data.encoding=latin-1)"
    )
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        start = data.rfind(b"\n", 0, error.start) + 1
        before = data[start : error.start].decode(encoding, "replace")[-30:]
        return f"row {line}: byte 0x{data[error.start]:02x} after {before!r} is not {encoding}; {remedy}"
    except LookupError:
        pass
    return f"not readable; {remedy}"


def _parquet(files: Sequence[Path]) -> pd.DataFrame:
    try:
        table: pd.DataFrame = pa.concat_tables(map(pq.read_table, files), promote_options="default").to_pandas()
    except pa.ArrowException as error:
        raise InputError("path", files[0], f"not a readable Parquet file: {error}") from error
    return table


def _folder(folder: Path, split: str) -> pd.DataFrame:
    place = folder / split if (folder / "dataset_dict.json").is_file() else folder
    if not place.is_dir():
        splits = sorted(child.name for child in folder.iterdir() if child.is_dir())
        raise InputError("split", repr(split), f"{folder} has {', '.join(splits)}; give one of these")
    if parquet := sorted(place.glob(f"**/{split}*.parquet")) or sorted(place.glob("*.parquet")):
        return _parquet(parquet)
    arrow = sorted(place.glob("data-*.arrow"))
    if not arrow:
        raise InputError("path", folder, "neither Parquet files nor a saved dataset (data-*.arrow) in this folder")
    try:
        shards = [pa.ipc.open_stream(file.read_bytes()).read_all() for file in arrow]
        table: pd.DataFrame = pa.concat_tables(shards).to_pandas()
    except pa.ArrowException as error:
        raise InputError("path", folder, f"not a readable saved dataset: {error}") from error
    return table


def _stata(path: Path, labelled: bool) -> pd.DataFrame:
    try:
        return pd.read_stata(path, convert_categoricals=labelled)
    except (ValueError, struct.error) as error:
        raise InputError("path", path, f"not a readable Stata file: {error}") from error


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Every cell as text; whole numbers without a decimal point, missing ones empty."""
    named = table.rename(columns=str).reset_index(drop=True)
    return pd.DataFrame({name: _cells(named[name]) for name in named.columns})


def _cells(column: pd.Series) -> pd.Series:
    # Whole numbers with gaps are stored as decimals.
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype("object").where(column.notna(), "").map(str).astype("str").str.strip()
