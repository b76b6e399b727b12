"""`equipolis dashboard`: serves the page on this machine only, and fetches nothing from elsewhere."""

from __future__ import annotations

import argparse
import errno
import logging
import os
import socket
import warnings
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from experiments.untrusted import plain
from sim.errors import InputError

PORT = 8765
_SETTINGS = {
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_MODE": "production",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_THEME_TITLE": "Equipolis",
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "False",
    "SOLARA_KERNEL_CULL_TIMEOUT": "10m",
    "SOLARA_APP": "experiments.dashboard.page",
}


def command(arguments: Sequence[str], console: Console) -> int:
    """Serve until stopped.

    Args:
        arguments: What stands behind `equipolis dashboard`.
        console: Where to print.

    Returns:
        Exit status.

    Raises:
        InputError: No such directory, or the port is taken.
    """
    parser = argparse.ArgumentParser(prog="equipolis dashboard", description="Look at incentives and runs.")
    add = parser.add_argument
    add("run_directory", nargs="?", help="a run to open, finished or being played; or a folder of runs")
    add("--root", action="append", default=[], help="folder that may be opened too (repeatable; else: runs)")
    add("--port", type=int, default=PORT, help=f"else: {PORT}")
    add("--host", default="127.0.0.1", help="address to listen on; another one lets the network read your runs")
    given = parser.parse_args(list(arguments))
    return serve(given.run_directory, given.root, host=given.host, port=given.port, console=console)


def serve(opened: str | None, roots: Sequence[str], *, host: str, port: int, console: Console) -> int:
    """Serve the page until stopped.

    Args:
        opened: The run directory to show first, if any.
        roots: Folders whose runs may be opened, besides the one of `opened`.
        host: Address to listen on.
        port: The same; 0 for any that is free.
        console: Where to print the address.
    """
    from experiments.dashboard import roots as of_runs

    of_runs.allow(opened, roots)
    listener = _listener(host, port)
    console.print("dashboard: loading", highlight=False)
    app = guarded(None if host in ("0.0.0.0", "::") else {host, "localhost", "127.0.0.1", "::1"})  # noqa: S104 - asked for
    import uvicorn

    address = f"http://{'localhost' if host == '127.0.0.1' else host}:{listener.getsockname()[1]}"
    console.print(f"dashboard: {plain(address)}  (read-only; Ctrl-C stops it)", highlight=False, soft_wrap=True)
    if host not in ("127.0.0.1", "localhost", "::1"):
        console.print("[bold red]everybody who reaches this address can read these runs[/]", highlight=False)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
    return 0


def guarded(hosts: set[str] | None) -> Any:
    """The page as an ASGI application that answers to these host names only; to any for None."""
    os.environ.update(_SETTINGS)  # before Solara is imported: it reads them then, and would report its use otherwise
    from experiments.dashboard.guard import Guard

    warnings.filterwarnings("ignore", message="Cookies with samesite=none", category=UserWarning)
    for name in ("Solara.cdn", "solara"):
        logging.getLogger(name).setLevel(logging.ERROR)
    import solara.server.settings as of_server
    from solara.server.starlette import app
    from starlette.applications import Starlette
    from starlette.routing import Mount
    from starlette.staticfiles import StaticFiles

    from experiments.dashboard import explorer_model, tables

    explorer_model.warm_up(tables.examples()[0])
    # Ahead of Solara's own route, which would fetch from the internet what the installed assets lack.
    assets = StaticFiles(directory=of_server.assets.proxy_cache_dir)
    page = Starlette(routes=[Mount("/_solara/cdn", assets), Mount("/", app)], lifespan=app.router.lifespan_context)
    return Guard(page, None if hosts is None else frozenset(hosts))


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()  # who comes while the page is loading waits instead of being turned away
    except OSError as error:
        listener.close()
        taken = error.errno == errno.EADDRINUSE
        remedy = "taken; choose another with --port" if taken else f"{error.strerror}; choose other --host and --port"
        raise InputError("--port", f"{host}:{port}", remedy) from error
    return listener
