"""Regenerate the picture of every worked example: `python -m experiments.examples`."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import experiments.examples
from experiments.examples.panel import IMAGES, draw_examples

_OTHERS = ("write", "main")
"""What scripts that draw something else than runs of a rule call the function that writes their picture."""


def example_scripts() -> dict[str, ModuleType]:
    """The scripts of this package by name: those with `build` (a learning rule's runs) or that draw another picture."""
    found = sorted(module.name for module in pkgutil.iter_modules(experiments.examples.__path__))
    modules = {name: import_module(f"experiments.examples.{name}") for name in found if name != "__main__"}
    return {
        name: module for name, module in modules.items() if any(hasattr(module, verb) for verb in ("build", *_OTHERS))
    }


def main() -> None:
    """Draw every picture, with a progress bar."""
    scripts = example_scripts()
    console = Console()
    columns = (TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("worked examples", total=len(scripts))
        for name, script in scripts.items():
            progress.update(task, description=name)
            if hasattr(script, "build"):
                draw_examples(IMAGES / f"{name}.png", script.build())
            else:
                next(getattr(script, verb) for verb in _OTHERS if hasattr(script, verb))()
            progress.advance(task)
        progress.update(task, description="worked examples")
    console.print(f"drew {len(scripts)} pictures under {IMAGES.parent}", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
