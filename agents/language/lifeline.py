"""Runs a command as long as the parent lives: `python lifeline.py COMMAND...`, standard input a pipe to it.

A server must not outlive the program that started it, however that program dies. When it dies, also by
SIGKILL, the kernel closes its end of the pipe, and reading standard input ends here. (PR_SET_PDEATHSIG
would watch the thread that started the process, not the program.) This file is run by path and imports
nothing of the project.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

GRACE_S = 5.0


def watch(child: subprocess.Popen[bytes]) -> None:
    """Wait for the end of standard input, then end the child."""
    sys.stdin.buffer.read()
    child.terminate()
    try:
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        child.kill()


def main() -> None:
    """Start the command, pass SIGTERM on, and leave nothing of the process group behind."""
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    threading.Thread(target=watch, args=(child,), daemon=True).start()
    code = child.wait()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print(f"lifeline: the server ended with code {code}", file=sys.stderr, flush=True)  # noqa: T201 - its log
    if os.getpgrp() == os.getpid():  # workers of a killed server; and this process, whose work is done
        os.killpg(os.getpgrp(), signal.SIGKILL)
    sys.exit(1)


if __name__ == "__main__":
    main()
