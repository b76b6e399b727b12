"""Who may talk to the dashboard: requests addressed to this machine by name, from pages that it served itself."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose


class Guard:
    """Refuses requests for another host name, and those that a foreign page sends.

    A page elsewhere could have its own name resolve to 127.0.0.1 (then the Host header is wrong) or open a socket to
    127.0.0.1 (then the Origin is): with either it would read what the dashboard shows.

    Args:
        app: What is guarded.
        hosts: Names by which it may be addressed, without port; None for any, where the whole network may come.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan" or self.welcome(dict(scope["headers"])):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(code=1008, reason="foreign host or page")(scope, receive, send)
        else:
            reply = PlainTextResponse("Refused: open the dashboard by the address that it printed.", status_code=403)
            await reply(scope, receive, send)

    def welcome(self, headers: dict[bytes, bytes]) -> bool:
        """Whether the Host is one of ours and the Origin, where there is one, is the same.

        >>> guard = Guard(PlainTextResponse(""), frozenset({"127.0.0.1"}))
        >>> guard.welcome({b"host": b"127.0.0.1:8765", b"origin": b"http://127.0.0.1:8765"})
        True
        >>> guard.welcome({b"host": b"evil.example:8765"}), guard.welcome(
        ...     {b"host": b"127.0.0.1:8765", b"origin": b"http://evil.example"}
        ... )
        (False, False)
        """
        host = headers.get(b"host", b"").decode("latin-1")
        origin = headers.get(b"origin")
        if origin is not None and urlsplit(origin.decode("latin-1")).netloc != host:
            return False
        return self.hosts is None or urlsplit(f"//{host}").hostname in self.hosts
