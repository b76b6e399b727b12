"""The command `equipolis`: compose a configuration, run it once, say what came out; non-zero when nothing did."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import sys
import traceback
from pathlib import Path

import hydra
from hydra.errors import InstantiationException, OverrideParseException
from omegaconf import DictConfig
from rich.console import Console

from agents.language.protocol import LanguageModelError
from experiments import schema
from experiments.console import STYLES, Reporter
from experiments.health import Health, finished_health
from experiments.run_directory import FINDINGS, RunDirectory
from experiments.secrecy import hidden
from experiments.study import finished_claims
from experiments.untrusted import plain
from experiments.validate import validate
from sim.errors import InputError

BAD_INPUT, BACKEND_FAILED, SYSTEM_FAILED, UNHEALTHY, INTERRUPTED = 2, 3, 4, 5, 130

_FILE_COMMANDS = {
    "audit": (
        "data.path",
        "who is left out, how sure that is, what would keep every group",
        "game.attractiveness, game.inconsistency, game.diversity, study.threshold, data.group, data.weight",
    ),
    "induced": (
        "study.path",
        "which incentives a platform's log shows, whether a game fits it, where accounts settle",
        "game.crowding, study.clusters, study.intercepts, study.symmetric, data, data.path, game.attractiveness",
    ),
}
"""Command -> the key that takes its file, what it says, and the keys worth naming."""

_LONGEST = 2000
"""Characters of what a configuration's reader says; of one that contains itself it says the same many times."""

schema.register()


def run(config: DictConfig, console: Console) -> int:
    """Run one composed configuration.

    Args:
        config: The configuration.
        console: Where to print.

    Returns:
        Exit status: 0 with a verdict or findings (whichever they are); 2 bad input, 3 language model failed, 4 the
        system failed, usually the disk; 5 finished, but unhealthy; 130 interrupted.
    """
    try:
        validate(config)  # before the directory: its name comes from the configuration
        directory = RunDirectory(config)
    except InputError as error:
        return _fail(console, f"bad input: {error}", BAD_INPUT)
    if directory.done and not config.run.force:
        try:
            if not directory.changed_files():
                return _show_done(directory, console)
        except InputError as error:
            return _fail(console, f"bad input: {error}", BAD_INPUT)
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            what = f"can't be shown ({type(error).__name__}: {error})"
            remedy = f"{_findings(directory).name} is missing or damaged; run again with run.force=true"
            return _fail(console, f"bad input: {directory.path}: {what}: {remedy}", BAD_INPUT)
    console.print(f"[bold]equipolis[/bold] -> {plain(str(directory.path))}", highlight=False)
    try:
        with directory.locked():
            status = _play(config, directory, console)
    except InputError as error:  # the lock: the directory belongs to the other run, its status too
        return _fail(console, f"bad input: {error}", BAD_INPUT)
    if status in (0, UNHEALTHY):
        console.print(f"report: {plain(str(directory.path / 'report.html'))}", highlight=False, soft_wrap=True)
    return status


def _play(config: DictConfig, directory: RunDirectory, console: Console) -> int:
    def stop(state: str, message: str, status: int) -> int:
        """Leave a run directory that doesn't look finished, unless it is, and say why."""
        try:
            if not directory.done:
                directory.status(state, message)
        except OSError as error:
            message += f" (and the status couldn't be written: {error.strerror})"
        return _fail(console, message, status)

    try:
        # Here, for they take seconds, in which Ctrl-C must be no traceback.
        from experiments.pipeline import run_experiment
        from experiments.study import run_study

        (run_experiment if config.study is None else run_study)(config, directory, Reporter(console))
    except (InputError, InstantiationException) as error:
        return stop("failed", f"bad input: {error}", BAD_INPUT)
    except LanguageModelError as error:
        return stop("failed", f"language model: {error}", BACKEND_FAILED)
    except OSError as error:
        remedy = "if the disk is full, free some space or set run.directory="
        return stop("failed", f"system: {error}; {remedy}", SYSTEM_FAILED)
    except MemoryError as error:
        remedy = "close other programs, or play with fewer accounts, drafts or seeds at once"
        return stop("failed", f"system: no memory left ({error}); {remedy}", SYSTEM_FAILED)
    except KeyboardInterrupt:
        return stop("interrupted", "stopped by Ctrl-C; run again to go on", INTERRUPTED)
    except BaseException as error:  # a bug: the traceback goes on, but the directory must not look alive
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name} line {place.lineno}, in {place.name}"
        stop("failed", f"unexpected {type(error).__name__}: {error} ({where})", 1)
        raise
    return 0 if _health(directory).healthy else UNHEALTHY


def _health(directory: RunDirectory) -> Health:
    return finished_health(_findings(directory))


def _findings(directory: RunDirectory) -> Path:
    return directory.path / ("verdict.json" if directory.config["study"] is None else FINDINGS)


def _fail(console: Console, message: str, status: int) -> int:
    console.print(f"[bold red]stopped[/bold red] {plain(hidden(message))}", highlight=False, soft_wrap=True)
    return status


def _show_done(directory: RunDirectory, console: Console) -> int:
    health = _health(directory)
    unhealthy = "" if health.healthy else f", [bold red]{plain(str(health))}[/]"
    if directory.config["study"] is None:
        found = json.loads(_findings(directory).read_text(encoding="utf-8"))
        kind = found["verdict"]["kind"]
        console.print(
            f"already done: [{STYLES[kind]}]{kind}[/]{unhealthy}; play again with run.force=true", highlight=False
        )
    else:
        from experiments.report.study import claims_table

        console.print(claims_table(finished_claims(directory)))
        console.print(f"already done{unhealthy}; run again with run.force=true", highlight=False)
    console.print(f"report: {plain(str(directory.path / 'report.html'))}", highlight=False, soft_wrap=True)
    return 0 if health.healthy else UNHEALTHY


def spelled_out(arguments: list[str]) -> list[str]:
    r"""`audit FILE overrides` or `induced FILE overrides` as the overrides that it stands for; anything else as it is.

    >>> spelled_out(["audit", "my data.csv", "game.diversity=0"])
    ['experiment=audit', "data.path='my data.csv'", 'game.diversity=0']
    >>> spelled_out(["induced", "log.csv"])
    ['experiment=induced', "study.path='log.csv'"]
    """
    if not arguments or arguments[0] not in _FILE_COMMANDS:
        return arguments
    key, purpose, keys = _FILE_COMMANDS[arguments[0]]
    file = arguments[1] if len(arguments) > 1 else "--help"
    if file.startswith("-"):
        sys.exit(f"usage: equipolis {arguments[0]} FILE [key=value ...]: {purpose}\nkeys: {keys}, ...")
    # Hydra's grammar: backslashes escape before a quote only; OmegaConf's: a dollar and brace refer to another key.
    quoted = re.sub(r"(\\*)('|$)", lambda found: found[1] * 2 + "\\'" * bool(found[2]), file).replace("${", r"\${")
    return [f"experiment={arguments[0]}", f"{key}='{quoted}'", *arguments[2:]]


def _recording(arguments: list[str], console: Console) -> int:
    from experiments.recordings import command

    try:
        command(arguments, console)
    except InputError as error:
        return _fail(console, f"bad input: {error}", BAD_INPUT)
    except OSError as error:
        return _fail(console, f"system: {error}", SYSTEM_FAILED)
    return 0


def _sweep(arguments: list[str], console: Console) -> int | None:
    """Exit status of a sweep; None where a configuration or help is only to be shown."""
    from experiments.sweep.command import asked_for, sweep

    if not asked_for(arguments):
        return None
    try:
        return sweep(arguments, console)
    except InputError as error:
        return _fail(console, f"bad input: {error}", BAD_INPUT)
    except OSError as error:
        return _fail(console, f"system: {error}", SYSTEM_FAILED)
    except KeyboardInterrupt:
        return _fail(console, "stopped by Ctrl-C; the same command goes on with what is missing", INTERRUPTED)


def _dashboard(arguments: list[str], console: Console) -> int:
    from experiments.dashboard.server import command

    try:
        return command(arguments, console)
    except InputError as error:
        return _fail(console, f"bad input: {error}", BAD_INPUT)
    except KeyboardInterrupt:
        return 0


def _doctor(arguments: list[str], console: Console) -> int:
    from experiments.doctor.examination import command

    return command(arguments, console)


def main() -> None:
    """Entry point of the console script."""
    logging.getLogger("transformers").setLevel(logging.ERROR)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    verbs = {"recording": _recording, "dashboard": _dashboard, "doctor": _doctor}
    if len(sys.argv) > 1 and sys.argv[1] in verbs:
        sys.exit(verbs[sys.argv[1]](sys.argv[2:], Console(emoji=False)))
    sys.argv[1:] = spelled_out(sys.argv[1:])
    if {"-m", "--multirun"} & set(sys.argv[1:]):
        status = _sweep(sys.argv[1:], Console(emoji=False))
        if status is not None:
            sys.exit(status)
    sys.exit(_composed(Console(emoji=False)))  # ":smile:" in a post stays what it is


def _composed(console: Console) -> int:
    """Compose and run; what can't be composed is bad input, in the words of what refused it."""
    status: int | None = None

    @hydra.main(version_base="1.3", config_path="pkg://conf", config_name="config")
    def entry(config: DictConfig) -> None:
        nonlocal status
        status = 1  # from here on an exception is not about the form of the configuration
        status = run(config, console)

    os.environ["HYDRA_FULL_ERROR"] = "1"  # else Hydra itself prints the traceback of a file that can't be read
    try:
        entry()
    except Exception as error:
        if status is not None:
            raise
        # Hydra and the readers below it refuse in many ways: errors of their own, of YAML, ValueError, UnicodeError.
        cause = "" if error.__cause__ is None else f": {' '.join(str(error.__cause__).split())[:_LONGEST]}"
        if isinstance(error, OverrideParseException):  # Hydra shows a grammar; most often a name with spaces is meant
            cause += "; a value with spaces, brackets, colons or commas stands in quotes of its own: \"key='a value'\""
            cause += "; the commands are audit, induced, recording, dashboard, doctor; without one, a run"
        return _fail(console, f"bad input: configuration: {str(error)[:_LONGEST]}{cause}", BAD_INPUT)
    return status or 0  # None where Hydra showed something instead, such as --cfg


if __name__ == "__main__":
    main()
