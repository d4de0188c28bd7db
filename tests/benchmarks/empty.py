"""The baseline of a web framework: one Quart route that does nothing, on the same server."""

from __future__ import annotations

import sys

from quart import Quart


def application() -> Quart:
    """Return the application with the one route."""
    app = Quart("empty", static_folder=None)

    @app.get("/")
    async def nothing() -> bytes:
        return b"{}"

    return app


def main() -> None:
    """Serve as the shop is served."""
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "tests.benchmarks.empty:application",
        port=int(sys.argv[1]),
        interface=Interfaces.ASGI,
        factory=True,
        http=HTTPModes.http1,
        websockets=False,
        loop=Loops.uvloop,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    main()
