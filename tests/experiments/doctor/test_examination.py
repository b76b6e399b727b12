"""The table and its exit status: 1 for what runs need, 0 with warnings, nothing secret, nothing that stops the rest."""

import subprocess
import sys

import pytest

from experiments.doctor import examination
from experiments.doctor.finding import Finding


def printed(console):
    return " ".join(console.file.getvalue().split())


@pytest.mark.parametrize(("states", "status"), [(("ok", "ok"), 0), (("ok", "warn"), 0), (("warn", "fail", "ok"), 1)])
def test_only_a_failure_fails(states, status, console, monkeypatch):
    todo = [lambda n=n, state=state: Finding(f"part {n}", "found", state, "do this") for n, state in enumerate(states)]
    monkeypatch.setattr(examination, "checks", lambda *_, **__: todo)
    assert examination.command([], console) == status
    for n, state in enumerate(states):
        assert f"part {n}" in printed(console)
        assert state in printed(console)


def test_a_check_that_breaks_is_a_failure_and_the_others_are_made():
    def broken():
        raise RuntimeError("out of cheese")

    first, second = examination.examined([broken, lambda: Finding("next", "fine")])
    assert (first.what, first.state) == ("broken", "fail")
    assert "out of cheese" in first.found
    assert second.state == "ok"


def test_no_secret_and_no_markup_is_shown(console, monkeypatch):
    monkeypatch.setenv("EQUIPOLIS_TEST_KEY", "sk-very-secret-key")
    finding = Finding("server", "refused sk-very-secret-key at http://me:hunter2@host [bold]x[/bold]", "warn", "mend")
    console.print(examination.shown([finding]))
    assert "sk-very-secret" not in printed(console)
    assert "hunter2" not in printed(console)
    assert "[bold]" in printed(console)


def test_a_wrong_usage_is_told(console, capsys):
    with pytest.raises(SystemExit) as stop:
        examination.command(["--deeper"], console)
    assert stop.value.code == 2
    assert "--deep" in capsys.readouterr().err


@pytest.mark.slow
def test_the_command_finds_nothing_missing_here_and_a_bad_folder_missing(tmp_path):
    def doctor(*arguments):
        command = [sys.executable, "-m", "experiments.command", "doctor", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    done = doctor("--runs", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "failed: none" in done.stdout
    bad = doctor("--runs", "/proc/self/runs")
    assert bad.returncode == 1
    assert "failed: run directories" in bad.stdout
