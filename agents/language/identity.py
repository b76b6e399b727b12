"""What a model folder is, for run manifests: a name and hashes that change when the answers could change."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from agents.language.protocol import LanguageModelError


@dataclass(frozen=True, kw_only=True)
class ModelIdentity:
    """Identity of a model folder.

    Attributes:
        name: Name of the folder, for people.
        config_sha256: Hash of config.json: the architecture an adapter must fit.
        weights_sha256: Hash over the names and bytes of all safetensors files.
        tokenizer_sha256: Hash of tokenizer.json: the same text gives the same token ids.
    """

    name: str
    config_sha256: str
    weights_sha256: str
    tokenizer_sha256: str

    @property
    def revision(self) -> str:
        """Twelve hex digits that stand for all three hashes."""
        joined = f"{self.config_sha256} {self.weights_sha256} {self.tokenizer_sha256}"
        return hashlib.sha256(joined.encode()).hexdigest()[:12]


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def model_identity(folder: Path) -> ModelIdentity:
    """Read the identity of a model folder (reads all weights once: about a second per gigabyte).

    Args:
        folder: Folder with config.json, tokenizer.json and safetensors weights.

    Returns:
        Its name and hashes.

    Raises:
        LanguageModelError: If the folder lacks one of these files.
    """
    config, tokenizer = folder / "config.json", folder / "tokenizer.json"
    weights = sorted(folder.glob("*.safetensors"))
    missing = [path.name for path in (config, tokenizer) if not path.is_file()]
    missing += [] if weights else ["*.safetensors"]
    if missing:
        raise LanguageModelError(
            f"model folder {folder}: no {', '.join(missing)}. "
            "Give a folder written by save_pretrained with safetensors weights, or use packaged_model()."
        )
    digest = hashlib.sha256()
    for path in weights:
        digest.update(f"{path.name} {sha256_of_file(path)}\n".encode())
    return ModelIdentity(
        name=folder.resolve().name,
        config_sha256=sha256_of_file(config),
        weights_sha256=digest.hexdigest(),
        tokenizer_sha256=sha256_of_file(tokenizer),
    )
