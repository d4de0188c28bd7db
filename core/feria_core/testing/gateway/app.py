"""The gateway as a server: its routes on one address, in this event loop."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from feria_core.testing.gateway import control, page, session_page, stripe_api
from feria_core.testing.gateway.paypal import api as paypal_api
from feria_core.testing.gateway.paypal import page as paypal_page
from feria_core.testing.gateway.service import FakeGateway
from feria_core.testing.gateway.webhooks import RETRY_DELAYS_S

# A stalled answer must not keep the server from stopping.
_SHUTDOWN_S = 0.5


def build_app(gateway: FakeGateway) -> web.Application:
    """Return the application with every route of the gateway."""
    app = web.Application()
    # PayPal's first: Stripe answers for every other path under /v1.
    app.add_routes([*paypal_api.routes(gateway.paypal), *paypal_page.routes(gateway.paypal)])
    app.add_routes([*stripe_api.routes(gateway), *control.routes(gateway), *page.routes(gateway)])
    app.add_routes(session_page.routes(gateway))
    return app


@asynccontextmanager
async def serving(
    gateway: FakeGateway, *, host: str = "127.0.0.1", port: int = 0, app: web.Application | None = None
) -> AsyncIterator[FakeGateway]:
    """Serve the gateway inside the block; port 0 takes a free one. Raises OSError where the port is taken."""
    runner = web.AppRunner(app or build_app(gateway), access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        await gateway.start(f"http://{host}:{runner.addresses[0][1]}")
        yield gateway
    finally:
        await runner.cleanup()
        await gateway.stop()


@asynccontextmanager
async def fake_gateway(
    *,
    webhook_url: str | None = None,
    paypal_webhook_url: str | None = None,
    webhook_secret: str | None = None,
    secret_key: str | None = None,
    state_file: Path | None = None,
    retry_delays_s: Sequence[float] = RETRY_DELAYS_S,
) -> AsyncIterator[FakeGateway]:
    """Serve a fresh gateway in the running event loop, on a free port of 127.0.0.1.

    Keys that are not given are random. `retry_delays_s` are the waits before each repetition of a webhook.
    """
    gateway = FakeGateway(
        secret_key=secret_key or f"sk_test_{secrets.token_hex(16)}",
        webhook_secret=webhook_secret or f"whsec_{secrets.token_hex(16)}",
        webhook_url=webhook_url,
        paypal_webhook_url=paypal_webhook_url,
        state_file=state_file,
        retry_delays_s=retry_delays_s,
    )
    async with serving(gateway):
        yield gateway
