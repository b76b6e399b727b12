"""Python and its packages: those that are needed, the versions they were tested at, and the builds that fit."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from agents.language.protocol import LanguageModelError
from agents.language.vllm_command import vllm_device
from experiments.doctor.finding import Finding

PYTHONS = ((3, 11), (3, 13))
"""First version that works, first that does not."""
CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"
_IMPORT_SECONDS = 300.0
_SHOWN = 4


def python(version: tuple[int, int] = sys.version_info[:2]) -> Finding:
    """The version of Python."""
    found = f"{version[0]}.{version[1]}"
    if PYTHONS[0] <= version < PYTHONS[1]:
        return Finding("Python", found)
    return Finding("Python", found, "fail", "use 3.11 or 3.12: make env PYTHON=python3.11")


def requirements() -> Finding:
    """Every package that runs need, in a version that works."""
    missing = []
    for line in importlib.metadata.requires("equipolis") or ():
        requirement = Requirement(line)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        version = _version(requirement.name)
        if version is None or version not in requirement.specifier:
            missing.append(f"{requirement.name} {version or 'missing'}, needs {requirement.specifier or 'any'}")
    if missing:
        return Finding("packages", _listed(missing), "fail", "make env")
    return Finding("packages", "all that runs need")


def constraints(file: Path = CONSTRAINTS) -> Finding:
    """Installed packages in the versions that were tested together."""
    if not file.is_file():
        return Finding("tested versions", "no constraints.txt: not run from a checkout")
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)$", file.read_text(encoding="utf-8"), re.MULTILINE))
    installed = {name: version for name in pinned if (version := _version(name)) is not None}
    other = [
        f"{name} {version}, tested {pinned[name]}"
        for name, version in installed.items()
        if not SpecifierSet(f"=={pinned[name]}").contains(version, prereleases=True)  # 2.13.0+cpu is 2.13.0
    ]
    if other:
        remedy = f"pip install --constraint {file.name} the packages named"
        return Finding("tested versions", f"{len(other)} others: {_listed(other)}", "warn", remedy)
    return Finding("tested versions", f"{len(installed)} packages as in {file.name}")


def torch_build() -> Finding:
    """PyTorch can be imported; with or without CUDA."""
    try:
        torch = importlib.import_module("torch")
    except Exception as error:  # noqa: BLE001 - a broken build fails in its own ways, and this is where it is told
        return Finding("torch", f"{type(error).__name__}: {error}"[:200], "fail", "make env")
    cuda = f"CUDA {torch.version.cuda} build" if torch.version.cuda else "processor-only build"
    seen = "a CUDA device" if torch.cuda.is_available() else "no CUDA device"
    return Finding("torch", f"{torch.__version__}, {cuda}, {seen}, {torch.get_num_threads()} threads")


def vllm(python: str = sys.executable) -> Finding:
    """vLLM: the build for this machine, and importable; without it runs use transformers."""
    try:
        device = vllm_device()
    except LanguageModelError as error:
        return Finding("vLLM", str(error), "warn", "make vllm; until then runs use transformers")
    done = subprocess.run(
        [python, "-c", "import vllm; print(vllm.__version__)"],
        capture_output=True,
        text=True,
        timeout=_IMPORT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        remedy = "pip uninstall torchvision torchaudio torchcodec if it names one of these; else make vllm"
        return Finding("vLLM", _last_line(done.stderr), "fail", remedy)
    if device == "cpu" and shutil.which("nvidia-smi"):
        return Finding("vLLM", "runs on the processor, and there is a GPU", "warn", "make vllm-cuda")
    return Finding("vLLM", f"{done.stdout.split()[-1]}, runs on the {device}")


def extra(what: str, modules: Sequence[str], remedy: str) -> Finding:
    """A part that not every run needs: can its packages be found?"""
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        return Finding(what, f"missing: {', '.join(missing)}", "warn", remedy)
    versions = (f"{name} {_version(name) or ''}".strip() for name in modules)
    return Finding(what, ", ".join(versions))


def dashboard() -> Finding:
    """The dashboard's packages; ipyvuetify 2 and later break it though it can be imported."""
    found = extra(
        "dashboard", ("solara", "ipyvuetify"), 'pip install --constraint constraints.txt "equipolis[dashboard]"'
    )
    version = _version("ipyvuetify")
    if found.state == "ok" and version is not None and int(version.partition(".")[0]) >= 2:
        return Finding("dashboard", f"ipyvuetify {version}", "warn", 'pip install "ipyvuetify<2"')
    return found


def ray() -> Finding:
    """Ray, which spreads sweeps over machines."""
    return extra(
        "Ray", ("ray",), 'sweeps run on this machine alone; pip install --constraint constraints.txt "equipolis[ray]"'
    )


def git(here: Path = Path(__file__).parent) -> Finding:
    """Git and the checkout, from which manifests take the code's revision."""
    remedy = "manifests will name no revision of the code; install git and run from a checkout"
    program = shutil.which("git")
    if program is None:
        return Finding("git", "not installed", "warn", remedy)
    done = subprocess.run(
        [program, "log", "-1", "--format=%h"], cwd=here, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode != 0:
        return Finding("git", "no checkout", "warn", remedy)
    return Finding("git", f"revision {done.stdout.strip()}")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _listed(items: Sequence[str]) -> str:
    more = f"; and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return "; ".join(items[:_SHOWN]) + more


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:200] if lines else "can't be imported"
