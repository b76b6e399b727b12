"""The user's own file, or one download that is checked against a known hash and kept in the cache."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import platformdirs

from sim.errors import InputError

Given = str | PathLike[str]


@dataclass(frozen=True)
class Download:
    """A file whose bytes are known.

    Attributes:
        url: Address of the file at a fixed revision.
        sha256: Hash of its bytes.
        name: File name in the cache.
    """

    url: str
    sha256: str
    name: str


def cache_folder() -> Path:
    """Where downloads are kept, and where a copy with the right hash may be put by hand."""
    return platformdirs.user_cache_path("equipolis") / "data"


def obtain(path: Given | None, download: Download, folder: Path | None = None) -> Path:
    """The user's own file, else the cached one, else the downloaded one.

    Args:
        path: The user's file; None for the published one.
        download: The published file.
        folder: The cache; None for the user's.

    Raises:
        InputError: No such file; no connection and nothing cached; or the published bytes are not those expected.
    """
    if path is not None:
        return existing(path)
    import pooch

    cached = (folder or cache_folder()) / download.name
    remedy = f"download {download.url} elsewhere and give its place as path=..., or put it at {cached}"
    try:
        return Path(pooch.retrieve(download.url, f"sha256:{download.sha256}", fname=cached.name, path=cached.parent))
    except ValueError as error:
        raise InputError(
            f"sha256 of {download.url}", "changed", f"{error}; {remedy} if you have the old file"
        ) from error
    except OSError as error:
        raise InputError("path", "none", f"no download possible ({error}); {remedy}") from error


def own(path: Given | None, url: str, file: str) -> Path:
    """The user's own file of a source that is not downloaded for them.

    Args:
        path: What the user gave, or None.
        url: Where the publisher offers the file.
        file: What to get there, in words.

    Raises:
        InputError: Nothing given or nothing there; says where to get it.
    """
    if path is None:
        raise InputError("path", None, f"get {file} from {url} under its terms and give its place as path=...")
    return existing(path)


def existing(path: Given) -> Path:
    """The path as a Path.

    Raises:
        InputError: Nothing is there.
    """
    found = Path(path)
    if not found.exists():
        raise InputError("path", found, "no such file; check the name, or give the full path")
    return found


def sha256(path: Path) -> str:
    """Hash of a file; of a folder, the hash of the names and bytes of its files in order."""
    digest = hashlib.sha256()
    for file in _files(path):
        if path.is_dir():
            digest.update(file.relative_to(path).as_posix().encode())
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.is_file())
    else:
        yield path
