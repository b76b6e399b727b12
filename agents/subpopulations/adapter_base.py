"""The base model an adapter was made for: an adapter on another base loads, and is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sim.errors import InputError

RECIPE_FILE = "recipe.json"
SETTINGS_FILE = "adapter_config.json"
WEIGHTS_FILE = "adapter_model.safetensors"

_SAYS_NOTHING = ("transformers_version", "_name_or_path", "dtype", "torch_dtype", "use_cache")
"""Keys of config.json that change with the library or the copy and not with the network."""

_INPUTS = {"q_proj": "hidden_size", "k_proj": "hidden_size", "v_proj": "hidden_size", "down_proj": "intermediate_size"}
_LORA_A = re.compile(r"\.layers\.(\d+)\..*\.(\w+)\.lora_A\.weight$")


@dataclass(frozen=True, kw_only=True)
class Base:
    """A base model as far as somebody recorded it; None where not.

    Attributes:
        name: Name or path; only its last part is compared, without regard to case.
        config_sha256: `config_hash` of the model folder.
        weights_sha256: Hash of its weights, as in `model_identity`.
    """

    name: str | None = None
    config_sha256: str | None = None
    weights_sha256: str | None = None


def config_hash(model: Path) -> str:
    """SHA-256 of what config.json says of the network, whatever library version wrote it.

    Raises:
        InputError: The folder holds no readable config.json.
    """
    settings = {key: value for key, value in _read(model / "config.json").items() if key not in _SAYS_NOTHING}
    return sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def base_of_model(model: Path, weights: str) -> Base:
    """The base model in a folder; in a hub cache (models--owner--name/snapshots/revision) the name is the cache's."""
    folder = model.resolve()
    cached = folder.parent.parent.name if folder.parent.name == "snapshots" else ""
    name = cached.removeprefix("models--").replace("--", "/") if cached.startswith("models--") else folder.name
    return Base(name=name, config_sha256=config_hash(model), weights_sha256=weights)


def recorded_base(adapter: Path) -> Base:
    """The base that an adapter folder names: in its recipe, if it was trained here, and in what peft writes.

    Raises:
        InputError: The folder holds no adapter_config.json.
    """
    named = str(_read(adapter / SETTINGS_FILE).get("base_model_name_or_path") or "")
    recipe = _read(adapter / RECIPE_FILE) if (adapter / RECIPE_FILE).is_file() else {}
    is_hash = re.fullmatch("[0-9a-f]{64}", named) is not None
    return Base(
        name=recipe.get("base_name") or (None if is_hash else named) or None,
        config_sha256=recipe.get("base_config"),
        weights_sha256=named if is_hash else None,
    )


def check_base(adapter: str, folder: Path, model: Path, weights: str, declared: Base | None = None) -> str:
    """Refuse an adapter made for another base than the model in use.

    Weights are compared where they are recorded, and settle the matter; else the hash of the config and the name are,
    each where it is recorded or declared. The adapter's shapes must fit the model's config in any case.

    Args:
        adapter: Name of the adapter, for messages.
        folder: Its folder.
        model: Folder of the model in use.
        weights: SHA-256 of its weights.
        declared: What the user knows of the base and the adapter doesn't say.

    Returns:
        What was compared, such as "weights" or "name, shapes".

    Raises:
        InputError: A mismatch, naming both; or nothing to compare.
    """
    own, recorded = base_of_model(model, weights), recorded_base(folder)
    given = declared or Base()
    wanted = Base(
        name=recorded.name or given.name,
        config_sha256=recorded.config_sha256 or given.config_sha256,
        weights_sha256=recorded.weights_sha256 or given.weights_sha256,
    )
    keys = ("weights_sha256",) if wanted.weights_sha256 else ("config_sha256", "name")
    compared = [key for key in keys if getattr(wanted, key)]
    if not compared:
        remedy = "declare it: base.name and base.config_sha256 of the model it was trained on"
        raise InputError(f"base model of adapter {adapter!r}", "not recorded", remedy)
    for key in compared:
        theirs, ours = str(getattr(wanted, key)), str(getattr(own, key))
        if _plain(theirs) != _plain(ours):
            raise InputError(
                f"base model of adapter {adapter!r}",
                f"{wanted.name or 'a model'} ({key} {theirs})",
                f"the model in use is {own.name} ({key} {ours}); load the adapter's own base, or train it on this one",
            )
    _check_shapes(adapter, folder, _read(model / "config.json"))
    return ", ".join([key.removesuffix("_sha256") for key in compared] + ["shapes"])


def _plain(name: str) -> str:
    return name.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1].casefold()


def _check_shapes(adapter: str, folder: Path, config: Mapping[str, Any]) -> None:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / WEIGHTS_FILE, framework="np") as file:
            shapes = {key: file.get_slice(key).get_shape() for key in file.keys()}  # noqa: SIM118 (not a mapping)
    except SafetensorError as error:
        raise InputError(f"adapter {adapter!r}", folder / WEIGHTS_FILE, f"holds no safetensors ({error})") from error
    for key, shape in shapes.items():
        found = _LORA_A.search(key)
        if found is None:
            continue
        layers, width = config.get("num_hidden_layers"), config.get(_INPUTS.get(found[2], ""))
        if layers is not None and int(found[1]) >= layers:
            raise InputError(f"adapter {adapter!r}", f"a layer {found[1]}", f"the model in use has {layers} layers")
        if width is not None and shape[1] != width:
            where = f"adapter {adapter!r}, layer {found[1]}, {found[2]}"
            raise InputError(where, f"{shape[1]} inputs", f"the model in use has {width}: this is another base model's")


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(str(path.name), path.parent, f"not readable there: {error}") from error
    return content
