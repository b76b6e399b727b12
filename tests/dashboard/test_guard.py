"""Who may talk to the dashboard: by Host, by Origin, over HTTP and over a socket."""

from __future__ import annotations

import asyncio

import pytest

from experiments.dashboard.guard import Guard

HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def _asked(kind: str, **headers: str) -> list[str]:
    """Types of the messages that come back; "served" if the page was reached."""
    sent: list[str] = []

    async def page(scope, receive, send):
        sent.append("served")

    async def send(message):
        sent.append(message["type"])

    async def receive():
        return {"type": f"{kind}.connect"}

    given = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "headers": given, "method": "GET", "path": "/"}
    asyncio.run(Guard(page, HOSTS)(scope, receive, send))
    return sent


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1:1", "[::1]:80", "localhost"])
def test_its_own_pages_are_served(kind, host):
    assert _asked(kind, host=host) == ["served"]
    assert _asked(kind, host=host, origin=f"http://{host}") == ["served"]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example:8765"},
        {"host": ""},
        {},
        {"host": "localhost:8765", "origin": "http://evil.example"},
        {"host": "localhost:8765", "origin": "null"},
        {"host": "localhost:8765", "origin": "http://localhost:9999"},
        {"host": "localhost.evil.example"},
    ],
)
def test_foreign_hosts_and_pages_are_refused(kind, headers):
    assert _asked(kind, **headers)[0] in ("http.response.start", "websocket.close")


def test_whoever_listens_on_the_whole_network_is_addressed_by_any_name_but_not_by_foreign_pages():
    guard = Guard(lambda *_: None, None)
    assert guard.welcome({b"host": b"box.lan:8765", b"origin": b"http://box.lan:8765"})
    assert not guard.welcome({b"host": b"box.lan:8765", b"origin": b"http://evil.example"})
