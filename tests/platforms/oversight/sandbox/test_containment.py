"""Hostile code, contained: each way to do harm is an outcome, and the harm is looked for outside."""

import os
import socket
import tempfile
from pathlib import Path

import pytest

from platforms.oversight.sandbox import Assertion, Job, Outcome, Sandbox
from platforms.oversight.sandbox.sandbox import Limits

# A way around refused imports that Python itself offers: the walls of the kernel must do without that refusal.
LOAD = (
    "classes = ().__class__.__base__.__subclasses__()\n"
    "load = next(c for c in classes if c.__name__ == 'BuiltinImporter').load_module\n"
    "posix = load('posix')\n"
)
SYSTEM = "next(c for c in classes if c.__name__ == '_wrap_close').__init__.__globals__['system']"
NATIVE = "libc = next(c for c in classes if c.__name__ == 'CDLL')(None)\n"

HOSTILE = {
    "infinite loop": ("while True: pass", Outcome.TIMEOUT),
    "infinite loop deaf to the warning": (LOAD + "load('_signal').signal(24, 1)\nwhile True: pass", Outcome.TIMEOUT),
    "swallows every exception": (
        "while True:\n try:\n  while True: pass\n except BaseException: pass",
        Outcome.TIMEOUT,
    ),
    "sleeps forever": (LOAD + "load('time').sleep(1e8)", Outcome.TIMEOUT),
    "closes its pipes and sleeps": (
        LOAD + "for fd in range(9):\n try: posix.close(fd)\n except OSError: pass\nload('time').sleep(1e8)",
        Outcome.TIMEOUT,
    ),
    "one huge number": ("x = 9 ** 9 ** 9", Outcome.TIMEOUT),
    "fork bomb": (LOAD + "while True: posix.fork()", Outcome.FORBIDDEN),
    "thread bomb": (LOAD + "load('_thread').start_new_thread(print, ())", Outcome.FORBIDDEN),
    "memory bomb": ("x = []\nwhile True: x.append('a' * 10**6)", Outcome.MEMORY),
    "memory at once": ("x = [0] * 10**12", Outcome.MEMORY),
    "swallows the lack of memory": (
        "x = []\nwhile True:\n try: x.append('a' * 10**6)\n except MemoryError: pass",
        Outcome.TIMEOUT,
    ),
    "deep recursion": ("def f(): return f()\nf()", Outcome.ERROR),
    "reads a file": ("open('{there}').read()", Outcome.FORBIDDEN),
    "reads a file and hides it": ("try: open('{there}')\nexcept BaseException: pass", Outcome.FORBIDDEN),
    "writes a file": ("open('{new}', 'w').write('x')", Outcome.FORBIDDEN),
    "deletes a file": (LOAD + "posix.unlink('{there}')", Outcome.FORBIDDEN),
    "lists a folder": (LOAD + "posix.listdir('/')", Outcome.FORBIDDEN),
    "makes a folder": (LOAD + "posix.mkdir('{new}')", Outcome.FORBIDDEN),
    "reads the memory of a process": ("open('/proc/self/mem')", Outcome.FORBIDDEN),
    "runs a program": (LOAD + "posix.execv('/bin/true', ['true'])", Outcome.FORBIDDEN),
    "runs a shell": (LOAD + SYSTEM + "('touch {new}')", Outcome.FORBIDDEN),
    "native code": (LOAD + NATIVE + "libc.open(b'{there}', 0)", Outcome.FORBIDDEN),
    "native fork bomb": (LOAD + NATIVE + "while True: libc.fork()", Outcome.FORBIDDEN),
    "kills its parent": (LOAD + "posix.kill(posix.getppid(), 9)", Outcome.FORBIDDEN),
    "kills its parent by number": (LOAD + "posix.kill({parent}, 9)", Outcome.FORBIDDEN),
    "kills its group": (LOAD + "posix.kill(0, 9)", Outcome.FORBIDDEN),
    "becomes root": (LOAD + "posix.setuid(0)", Outcome.FORBIDDEN),
    "output flood": ("while True: print('x' * 1000)", Outcome.OUTPUT),
    "output flood on the report": (
        LOAD + "while True:\n for fd in range(9):\n  try: posix.write(fd, b'x' * 9999)\n  except OSError: pass",
        Outcome.OUTPUT,
    ),
    "huge value": ("def f(): return 'x' * 10**6", Outcome.OUTPUT),
    "socket": ("import socket", Outcome.IMPORT_REFUSED),
    "socket by its back door": ("import _socket", Outcome.IMPORT_REFUSED),
    "operating system": ("import os", Outcome.IMPORT_REFUSED),
    "interpreter": ("import sys", Outcome.IMPORT_REFUSED),
    "ctypes": ("import ctypes", Outcome.IMPORT_REFUSED),
    "import as a function": ("__import__('subprocess')", Outcome.IMPORT_REFUSED),
    "importlib": ("import importlib; importlib.import_module('os')", Outcome.IMPORT_REFUSED),
    "import by a built-in": ("__builtins__.__import__('posix')", Outcome.IMPORT_REFUSED),
    "part of an allowed module": ("import collections.os", Outcome.IMPORT_REFUSED),
    "ends at once": (LOAD + "posix._exit(0)", Outcome.ERROR),
    "says it was refused a wall": (
        LOAD + "posix.write(3, repr(dict(kind='unconfined')).encode())\nposix._exit(0)",
        Outcome.ERROR,
    ),
    "no Python": ("def f(:", Outcome.ERROR),
    "a null byte": ("x = '\0'", Outcome.ERROR),
    "half a letter": ("x = '\ud800'", Outcome.ERROR),
    "raises": ("1 / 0", Outcome.ERROR),
    "raises an exception that can't be written": (
        "class E(Exception):\n def __str__(self): raise self\nraise E",
        Outcome.ERROR,
    ),
    "exits": ("raise SystemExit(0)", Outcome.ERROR),
}
ANY_VALUE = (Assertion("f()", "1"),)


@pytest.fixture(scope="module")
def outcomes():
    """All of it, run once, several at a time; the folder is open to everybody, so only the walls protect it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o777)
        there, new = home / "there.txt", home / "new.txt"
        there.write_text("secret")
        there.chmod(0o666)
        yield _outcomes(there, new), there, new


def _outcomes(there, new):
    """Who sleeps meets an early deadline; nobody else meets one, however busy the machine."""
    places = {"{there}": str(there), "{new}": str(new), "{parent}": str(os.getpid())}
    found = {}
    for seconds, sleeps in ((3.0, True), (60.0, False)):
        sandbox = Sandbox(Limits(cpu_seconds=1, seconds=seconds, memory_mib=128))
        names = [name for name in HOSTILE if ("sleeps" in name) == sleeps]
        jobs = [Job(_placed(HOSTILE[name][0], places), ANY_VALUE if name == "huge value" else ()) for name in names]
        found |= zip(names, sandbox.run(jobs), strict=True)
    return found


def _placed(code, places):
    for place, value in places.items():
        code = code.replace(place, value)
    return code


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_code_is_an_outcome(outcomes, name):
    assert outcomes[0][name].kind is HOSTILE[name][1], outcomes[0][name]


@pytest.mark.slow
def test_hostile_code_leaves_nothing_behind(outcomes):
    _, there, new = outcomes
    assert there.read_text() == "secret"
    assert not new.exists()
    assert [path.name for path in there.parent.iterdir()] == ["there.txt"]


def test_each_kind_of_harm_is_an_outcome_of_a_usual_run(sandbox):
    jobs = {
        "def f(): return 1": Outcome.PASSED,
        "def f(): return 2": Outcome.FAILED,
        "def f(): return 1 / 0": Outcome.ERROR,
        "def f(): return [0] * 10**12": Outcome.MEMORY,
        "def f(): print('x' * 10**6)": Outcome.OUTPUT,
        "def f(): return open('/etc/passwd').read()": Outcome.FORBIDDEN,
        "def f():\n import socket": Outcome.IMPORT_REFUSED,
    }
    found = sandbox.run([Job(code, ANY_VALUE) for code in jobs])
    assert [outcome.kind for outcome in found] == list(jobs.values())


def test_native_code_that_reaches_for_the_network_is_stopped_before_it_has_a_socket(sandbox):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.1)
        port = server.getsockname()[1]
        address = bytes([2, 0, port >> 8, port & 255, 127, 0, 0, 1]) + bytes(8)
        dial = f"fd = libc.socket(2, 1, 0)\nlibc.connect(fd, {address!r}, 16)"
        assert sandbox.run([Job(f"{LOAD}{NATIVE}{dial}")])[0].kind is Outcome.FORBIDDEN
        with pytest.raises(TimeoutError):
            server.accept()


def test_the_native_way_out_is_one(sandbox):
    """Without this the test above would pass for want of a way to the system's library."""
    pid = Assertion("f()", "True")
    assert sandbox.run([Job(f"{LOAD}{NATIVE}def f(): return libc.getpid() > 1", (pid,))])[0].kind is Outcome.PASSED


def test_no_variable_of_the_environment_reaches_the_code(sandbox, monkeypatch):
    monkeypatch.setenv("EQUIPOLIS_SECRET", "secret")
    seen = Assertion("f()", "{}")
    assert sandbox.run([Job(LOAD + "def f(): return posix.environ", (seen,))])[0].kind is Outcome.PASSED
