"""Each wall holds alone, for root and for an ordinary user; without one nothing runs."""

import marshal
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from platforms.oversight import sandbox as package

SCRIPT = Path(package.__file__).with_name("confined.py")
USERS = [None, 65533] if os.geteuid() == 0 else [None]


def behind(walls, attempt, user):
    """Run an attempt behind some of the walls; gives what it printed, or the signal that ended it."""
    become = f"os.setgroups([]); os.setresgid({user}, {user}, {user}); os.setresuid({user}, {user}, {user})"
    code = (
        "import ctypes, errno, os, signal, socket, sys, threading\n"
        f"sys.path.insert(0, {str(SCRIPT.parent)!r})\nimport confined\n{become if user else ''}\n{walls}\n"
        f"try:\n    {attempt}\n    print('done', flush=True)\n"
        "except OSError as error:\n    print(errno.errorcode[error.errno], flush=True)\n"
    )
    run = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, cwd="/", check=False)
    return signal.Signals(-run.returncode).name if run.returncode < 0 else run.stdout.strip() or run.stderr


FILES, COUNTS = "confined.forbid_privileges(); landlock = confined.wall_off_files()", "confined.limit_counts()"
FILTER = "confined.forbid_privileges(); confined.filter_system_calls()"
ROOT = "confined.drop_root()"


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize(
    ("walls", "attempt", "found"),
    [
        ("", "open('/etc/hostname')", "done"),
        ("", "os.wait() if os.fork() else os._exit(0)", "done"),
        ("", "socket.socket()", "done"),
        (FILES, "open('/etc/hostname')", "EACCES"),
        (FILES, f"open({str(Path(tempfile.gettempdir()) / 'x')!r}, 'w')", "EACCES"),
        (FILES, "os.listdir('/')", "EACCES"),
        (COUNTS, "open('/etc/hostname')", "EMFILE"),
        (COUNTS, "socket.socket()", "EMFILE"),
        (f"{ROOT}; {COUNTS}", "os.fork()", "EAGAIN"),
        (FILTER, "open('/etc/hostname')", "SIGSYS"),
        (FILTER, "socket.socket()", "SIGSYS"),
        (FILTER, "os.fork()", "SIGSYS"),
        (FILTER, "threading.Thread(target=print).start()", "SIGSYS"),
        (FILTER, "os.kill(os.getppid(), 0)", "SIGSYS"),
        (FILTER, "os.execv('/bin/true', ['true'])", "SIGSYS"),
        pytest.param(
            "confined.limit_resources(1, 4096)", "exec('while True: pass')", "SIGXCPU", marks=pytest.mark.slow
        ),
    ],
)
def test_a_wall_alone_holds(user, walls, attempt, found):
    if "wall_off_files" in walls and behind(FILES, "print(landlock)", user).startswith("False"):
        pytest.skip("this kernel has no Landlock")
    assert behind(walls, attempt, user) == found


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone can give root up")
def test_root_is_given_up_for_good():
    assert behind(ROOT, "print(os.getresuid(), os.getgroups()); os.setuid(0)", None) == (
        "(65534, 65534, 65534) []\nEPERM"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs every test as one")
def test_an_ordinary_user_runs_code_behind_the_same_walls():
    """The whole way of a job, from a process that is not root when it starts on it."""
    job = {"code": "def f(x): return 2 * x", "calls": ["f(3)"], "cpu_seconds": 1, "memory_mib": 256}
    for code, found in ((job["code"], "['6']"), (job["code"] + "\nopen('/')", "SIGSYS")):
        feed = f"fd = os.memfd_create('job'); os.write(fd, {marshal.dumps({**job, 'code': code})!r})"
        walls = f"{feed}; os.lseek(fd, 0, 0); os.dup2(fd, 0); confined.main()"
        assert found in behind(walls, "pass", USERS[-1])


def test_a_filter_made_for_another_machine_kills_rather_than_lets_through():
    """Numbers of system calls mean others elsewhere: a call from another architecture is never allowed."""
    other = "confined._ARCHITECTURE = 0xC00000B7"
    assert behind(f"{other}; {FILTER}", "os.getpid()", None) == "SIGSYS"


def test_nothing_runs_where_a_wall_is_missing():
    """A process that calls itself a 32-bit one, as on another kind of machine."""
    code = (
        "import ctypes\nctypes.CDLL(None).personality(8)\n"
        "from platforms.oversight.sandbox import Sandbox, SandboxUnavailable\n"
        "try:\n    Sandbox()\nexcept SandboxUnavailable as error:\n    print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("sandbox: needs Linux on x86-64, this is linux on i686. Nothing is run without it")


@pytest.mark.slow
def test_a_job_ends_with_the_run_that_started_it():
    """A run that is killed can't clean up: the kernel must."""
    sleeper = (
        "classes = ().__class__.__base__.__subclasses__()\n"
        "next(c for c in classes if c.__name__ == 'BuiltinImporter').load_module('time').sleep(1e8)"
    )
    code = (
        "from platforms.oversight.sandbox import Job, Limits, Sandbox\n"
        f"sandbox = Sandbox(Limits(seconds=1e6))\nprint('ready', flush=True)\nsandbox.run([Job({sleeper!r})])"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout.readline() == "ready\n"
        family = psutil.Process(run.pid)
        while not (jobs := family.children()) or "Seccomp:\t2" not in Path(f"/proc/{jobs[0].pid}/status").read_text():
            time.sleep(0.01)
        run.kill()
    gone, alive = psutil.wait_procs(jobs, timeout=60)
    assert gone
    assert not alive
