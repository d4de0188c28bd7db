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
    from uvicorn.server import Server

    from feria_core.web import configured

    Server(configured("tests.benchmarks.empty:application", "127.0.0.1", int(sys.argv[1]))).run()


if __name__ == "__main__":
    main()
