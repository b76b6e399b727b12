"""The process that runs untrusted code: gives up every right first, then runs it. Run as a script, never imported.

It needs little of the standard library, for starting is most of what a job costs. The interpreter and the modules a
solution may use are loaded before the walls go up; afterwards the process can compute, write to two pipes and end, and
nothing else: the kernel kills it at any other request. Design and limits: docs/sandbox.md.
"""

from __future__ import annotations

import _warnings
import builtins
import ctypes
import marshal
import os
import resource
import struct
import sys
from types import ModuleType

ALLOWED = frozenset(
    (
        *("__future__", "bisect", "cmath", "collections", "copy", "decimal", "fractions", "functools", "heapq"),
        *("itertools", "math", "operator", "re", "string", "typing"),
    )
)
"""Modules a solution may import."""

NOBODY = 65534

# Linux x86-64. Only what an interpreter needs that already has everything open: nothing here names a file, a socket,
# another process or a device.
SYSTEM_CALLS = {
    "read": 0,
    "write": 1,
    "close": 3,
    "fstat": 5,
    "lseek": 8,
    "mmap": 9,
    "mprotect": 10,
    "munmap": 11,
    "brk": 12,
    "rt_sigaction": 13,
    "rt_sigprocmask": 14,
    "rt_sigreturn": 15,
    "sched_yield": 24,
    "mremap": 25,
    "madvise": 28,
    "nanosleep": 35,
    "getpid": 39,
    "exit": 60,
    "gettimeofday": 96,
    "sigaltstack": 131,
    "time": 201,
    "futex": 202,
    "restart_syscall": 219,
    "clock_gettime": 228,
    "clock_nanosleep": 230,
    "exit_group": 231,
    "getrandom": 318,
}
_SECCOMP, _LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 317, 444, 446
_ARCHITECTURE = 0xC000003E
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_PARENT_DEATH_SIGNAL, _NO_NEW_PRIVILEGES, _KILL_SIGNAL = 1, 38, 9

_libc = ctypes.CDLL(None, use_errno=True)


class Unconfined(OSError):
    """A wall could not be put up, so nothing is run."""


class ImportRefused(ImportError):
    """A module that solutions may not use."""


class _Refusal:
    """Finder that finds nothing: every module a solution may use is loaded already."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: ModuleType | None = None) -> None:
        raise ImportRefused(name)


def limit_resources(cpu_seconds: int, memory_mib: int) -> None:
    """Bound processor time and memory; no file grows, no core is dumped."""
    for which, soft, hard in (
        (resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 1),
        (resource.RLIMIT_AS, memory_mib << 20, memory_mib << 20),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(which, (soft, hard))


def drop_root() -> None:
    """Become nobody: the limit on processes does not bind root."""
    if os.geteuid() == 0 or os.getuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    _must(_libc.prctl(_PARENT_DEATH_SIGNAL, _KILL_SIGNAL, 0, 0, 0), "end with the parent")  # a change of user clears it


def limit_counts() -> None:
    """No further process, thread or descriptor: opening a file or socket fails even if every other wall fell."""
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def forbid_privileges() -> None:
    """No program run from here gains rights; the two walls that follow ask for this."""
    _must(_libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "forbid new privileges")


def wall_off_files() -> bool:
    """Landlock: deny every access to files, TCP, and signals to other processes; False where the kernel has none."""
    version = _libc.syscall(_LANDLOCK_CREATE, None, 0, 1)
    if version < 1:
        return False
    files = (1 << (13 + sum(version >= since for since in (2, 3, 5)))) - 1
    network, scopes = (3 if version >= 4 else 0), (3 if version >= 6 else 0)
    rules = ctypes.create_string_buffer(struct.pack("QQQ", files, network, scopes))
    ruleset = _libc.syscall(_LANDLOCK_CREATE, rules, 24, 0)
    _must(-1 if ruleset < 0 else 0, "make Landlock rules")
    _must(_libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0), "apply Landlock rules")
    os.close(ruleset)
    return True


def filter_system_calls() -> None:
    """Seccomp: any system call but the listed ones, from any architecture, kills the process."""
    calls = sorted(SYSTEM_CALLS.values())
    program = [(0x20, 0, 0, 4), (0x15, 0, len(calls) + 1, _ARCHITECTURE), (0x20, 0, 0, 0)]
    program += [(0x15, len(calls) - index, 0, call) for index, call in enumerate(calls)]
    program += [(0x06, 0, 0, _KILL), (0x06, 0, 0, _ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code)))
    _must(_libc.syscall(_SECCOMP, 1, 0, header), "filter system calls")


def confine(cpu_seconds: int, memory_mib: int) -> list[str]:
    """Put up all walls but the filter of system calls; gives the names of those that stand.

    Raises:
        OSError: One that is always needed can't be put up here.
    """
    if (sys.platform, os.uname().machine) != ("linux", "x86_64"):
        raise Unconfined(f"needs Linux on x86-64, this is {sys.platform} on {os.uname().machine}")
    limit_resources(cpu_seconds, memory_mib)
    drop_root()
    forbid_privileges()
    walls = ["resource limits", "no privileges"] + ["landlock"] * wall_off_files()
    limit_counts()
    return walls


def _must(result: int, what: str) -> None:
    if result != 0:
        raise Unconfined(ctypes.get_errno(), f"could not {what}: {os.strerror(ctypes.get_errno())}")


def _load(code: str) -> None:
    """Import the allowed modules that the text names; nothing can be loaded once the walls stand."""
    words = "".join(sign if sign.isalnum() or sign == "_" else " " for sign in code).split()
    for name in sorted(ALLOWED & set(words)):
        __import__(name)
    __import__("collections.abc")


def _refuse_imports() -> None:
    for name in list(sys.modules):
        if name.partition(".")[0] not in ALLOWED | {"builtins"}:
            del sys.modules[name]
    sys.meta_path[:] = [_Refusal]
    sys.path.clear()


def _run(code: str, calls: list[str]) -> dict[str, object]:
    """Put up the last wall, run the code, then evaluate each call; values travel as text."""
    names: dict[str, object] = {"__name__": "solution", "__builtins__": builtins}
    _warnings.filters.insert(0, ("ignore", None, Warning, None, 0))  # showing one would look for the source file
    try:
        program = compile(code, "solution", "exec")  # so does a syntax error: the last wall would kill it for that
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        return {"kind": "error", "detail": f"{type(error).__name__}: {error}"[:200]}
    filter_system_calls()
    try:
        exec(program, names)  # noqa: S102 - what this process is for
        return {"kind": "values", "values": [repr(eval(call, names)) for call in calls]}  # noqa: S307
    except MemoryError:
        return {"kind": "memory"}
    except ImportRefused as error:
        return {"kind": "import refused", "detail": str(error)}
    except BaseException as error:  # noqa: BLE001 - even an exit is the code's failure
        return {"kind": "error", "detail": _told(error)}


def _told(error: BaseException) -> str:
    """Name and text of an exception; its text is written by code nobody has read, and may fail."""
    try:
        return f"{type(error).__name__}: {error}"[:200]
    except BaseException:  # noqa: BLE001
        return type(error).__name__[:200]


def main() -> None:
    """Read one job from standard input, run it behind the walls, report on standard output."""
    job = marshal.loads(sys.stdin.buffer.read())  # noqa: S302 - written by the process that started this one
    report = os.dup(1)
    os.dup2(2, 1)
    os.close(0)
    os.environ.clear()
    _load(job["code"])
    try:
        walls = confine(job["cpu_seconds"], job["memory_mib"])
        _refuse_imports()
        result = {**_run(job["code"], job["calls"]), "walls": [*walls, "seccomp"]}
    except OSError as error:  # a wall can't be put up: nothing was run, for what code raises ends in its report
        result = {"kind": "unconfined", "detail": str(error)}
    os.write(report, repr(result).encode(errors="backslashreplace"))
    os._exit(0)


if __name__ == "__main__":
    main()
