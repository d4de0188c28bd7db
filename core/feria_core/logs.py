"""Structured logs: an event name and ids; never e-mails, tokens or addresses."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from feria_core.config import CoreSettings

HIDDEN = ("password", "token", "secret", "authorization", "email", "cookie")


def configure_logs(core: CoreSettings) -> None:
    """Send structlog and the standard logging to stderr, as JSON lines or for a person's eyes."""
    level = getattr(logging, core.log_level.upper())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _hide_secrets,
    ]
    if core.log_format == "console":
        # Plain tracebacks: the pretty ones print local variables, which hold settings, tokens and addresses.
        plain = structlog.dev.plain_traceback
        shared.append(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain))
    else:
        import orjson

        shared += [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=lambda event, **_: orjson.dumps(event, default=str).decode()),
        ]
    structlog.configure(
        processors=shared,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s", force=True
    )
    # arq logs the arguments of its jobs; ours are ids, but a stranger's job may not be as careful.
    logging.getLogger("arq").setLevel(logging.ERROR)
    # uvicorn warns of every request that is no HTTP: anybody could fill the log.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)


def _hide_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for key in event:
        if any(word in key.lower() for word in HIDDEN):
            event[key] = "***"
    return event
