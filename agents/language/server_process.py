"""One run of a server process on this machine: start, wait until it answers, watch, stop."""

from __future__ import annotations

import atexit
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from agents.language.protocol import LanguageModelError

LOOPBACK = "127.0.0.1"
LOG_TAIL = 15  # lines quoted in an error
STOP_GRACE_S = 10.0


def free_port() -> int:
    """A TCP port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """A running server in a session of its own.

    Ctrl-C in the terminal reaches the program and not the server, which is then stopped in order; if the
    program dies, `lifeline.py` ends the server.

    Args:
        command: Command line that makes it listen on `port`.
        environment: Its whole environment.
        port: Port on 127.0.0.1.
        api_key: Key it asks for.
        log: File its output is appended to.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], port: int, api_key: str, log: Path
    ) -> None:
        self.port = port
        self._api_key = api_key
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        lifeline = str(Path(__file__).with_name("lifeline.py"))
        with log.open("ab") as output:
            self._log_start = output.tell()
            self._process = subprocess.Popen(
                [sys.executable, lifeline, *command],
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        atexit.register(self.stop)

    @property
    def pid(self) -> int:
        """Process id of the group's leader (the lifeline; the server is its child)."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def ends_within(self, seconds: float) -> bool:
        """Whether the process has ended or does so soon: the connection breaks before the process is gone."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def wait_until_healthy(self, timeout: float, report: Callable[[str], None]) -> None:
        """Return when /health answers 200.

        Raises:
            LanguageModelError: If the process ends first or the time is over.
        """
        started = time.monotonic()
        next_report = 15.0
        while not self._healthy():
            waited = time.monotonic() - started
            if not self.is_running():
                raise LanguageModelError(f"the server ended after {waited:.0f} s while starting.\n{self.tail()}")
            if waited > timeout:
                raise LanguageModelError(
                    f"the server does not answer after {waited:.0f} s. "
                    f"On a busy machine raise startup_timeout.\n{self.tail()}"
                )
            if waited > next_report:
                report(f"vLLM: still starting after {waited:.0f} s")
                next_report += 15.0
            time.sleep(0.3)

    def post(self, path: str, body: Mapping[str, str], timeout: float) -> None:
        """Post a JSON object.

        Raises:
            LanguageModelError: If the server refuses it.
            OSError: If the server can't be reached.
        """
        headers = {"Authorization": f"Bearer {self._api_key}", "Content-Type": "application/json"}
        status, text = self._ask("POST", path, json.dumps(body), headers, timeout)
        if status != http.HTTPStatus.OK:
            raise LanguageModelError(f"{path} answered {status}: {text[:500]}")

    def tail(self) -> str:
        """Last lines of this run's output, and where to read the rest."""
        with self._log.open("rb") as file:
            file.seek(max(self._log_start, self._log.stat().st_size - 20_000))
            lines = file.read().decode(errors="replace").splitlines()[-LOG_TAIL:]
        return "\n".join([f"Last lines of {self._log}:", *(f"  {line[:300]}" for line in lines)])

    def stop(self) -> None:
        """SIGTERM to the group, then SIGKILL to what is left of it; harmless when it has ended."""
        atexit.unregister(self.stop)
        if self.is_running():
            self._signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_GRACE_S)
        self._signal(signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)  # the group's id, as the process leads its session
        except ProcessLookupError:
            return  # nothing is left of it

    def _healthy(self) -> bool:
        try:
            status, _ = self._ask("GET", "/health", None, {}, 5.0)
        except (OSError, http.client.HTTPException):
            return False
        return status == http.HTTPStatus.OK

    def _ask(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str], timeout: float
    ) -> tuple[int, str]:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=timeout)
        try:
            connection.request(method, path, body, dict(headers))
            reply = connection.getresponse()
            return reply.status, reply.read().decode(errors="replace")
        finally:
            connection.close()
