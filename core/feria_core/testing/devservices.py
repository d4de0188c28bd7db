"""The development services in one process: `python -m feria_core.testing.devservices --mail-dir DIR ...`.

Runs the fake payment gateway, the mailbox and the fake of GitHub, says in a ready file where, and stops at SIGTERM or
SIGINT.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from aiohttp import web

from feria_core.testing import github
from feria_core.testing.files import write_atomically
from feria_core.testing.gateway.app import build_app, serving
from feria_core.testing.gateway.service import FakeGateway
from feria_core.testing.mailbox import Mailbox, Step

SECRET_KEY_ENV = "FERIA_GATEWAY_SECRET_KEY"
WEBHOOK_SECRET_ENV = "FERIA_GATEWAY_WEBHOOK_SECRET"
_USAGE_EXIT = 2


class Ready(msgspec.Struct):
    """The ready file: where the services listen."""

    gateway_url: str
    smtp_host: str
    smtp_port: int
    github_url: str


class MailboxBehaviour(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /_fake/mailbox`: what the mailbox does wrong from now on; `{}` ends it."""

    fail: Annotated[int, msgspec.Meta(ge=400, le=599)] | None = None
    step: Step = "data"
    drop: bool = False
    times: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1
    stall_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 0.0


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options; argparse leaves with exit code 2 where they are wrong."""
    parser = argparse.ArgumentParser(prog="feria_core.testing.devservices", description="The outside world, faked.")
    parser.add_argument("--mail-dir", type=Path, required=True, help="folder for the mails, one JSON file each")
    parser.add_argument("--ready-file", type=Path, required=True, help="JSON file that says where things listen")
    parser.add_argument("--webhook-url", help="where the shop takes Stripe's webhooks")
    parser.add_argument("--paypal-webhook-url", help="where it takes PayPal's")
    parser.add_argument("--state", type=Path, help="JSON file that keeps the payments over a restart")
    parser.add_argument("--smtp-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--gateway-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--github-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--secret-key-env", default=SECRET_KEY_ENV, help="environment variable with the secret key")
    parser.add_argument("--webhook-secret-env", default=WEBHOOK_SECRET_ENV, help="the one with the webhook secret")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until a signal; return the exit code, 2 where a secret is missing or a file cannot be used."""
    options = parse_arguments(arguments)
    missing = [name for name in (options.secret_key_env, options.webhook_secret_env) if not os.environ.get(name)]
    if missing:
        sys.stderr.write(f"devservices needs {' and '.join(missing)} in the environment: set and start again\n")
        return _USAGE_EXIT
    try:
        asyncio.run(run(options))
    except (OSError, ValueError) as err:
        sys.stderr.write(f"devservices cannot start: {err}\n")
        return _USAGE_EXIT
    return 0


async def run(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT, then take the ready file away."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    gateway = FakeGateway(
        secret_key=os.environ[options.secret_key_env],
        webhook_secret=os.environ[options.webhook_secret_env],
        webhook_url=options.webhook_url,
        paypal_webhook_url=options.paypal_webhook_url,
        state_file=options.state,
    )
    app = build_app(gateway)
    async with Mailbox(options.mail_dir, port=options.smtp_port) as mailbox:
        app.router.add_post("/_fake/mailbox", _mailbox_route(mailbox))
        async with (
            serving(gateway, port=options.gateway_port, app=app),
            github.serving(github.FakeGitHub(), port=options.github_port) as played,
        ):
            ready = Ready(gateway.url, mailbox.host, mailbox.port, played.url)
            await asyncio.to_thread(write_atomically, options.ready_file, msgspec.json.encode(ready))
            try:
                await stopping.wait()
            finally:
                options.ready_file.unlink(missing_ok=True)


def _mailbox_route(mailbox: Mailbox) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            wanted = msgspec.json.decode(await request.read(), type=MailboxBehaviour)
        except msgspec.DecodeError as err:
            return web.json_response({"error": f"/_fake/mailbox cannot read the body: {err}"}, status=400)
        mailbox.behave_again()
        mailbox.stall(wanted.stall_s)
        if wanted.fail is not None:
            mailbox.fail_next(wanted.fail, wanted.times, step=wanted.step)
        if wanted.drop:
            mailbox.drop_next(wanted.times)
        return web.json_response({})

    return handle


if __name__ == "__main__":
    sys.exit(main())
