"""The development mailbox: an SMTP server that keeps every mail as one JSON file, and fails on request.

Each mail received is a file, so a mail sent twice shows twice. Written for this machine: no sign-in, no TLS.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypedDict, cast
from weakref import WeakSet

import orjson
from aiosmtpd.smtp import SMTP, Envelope, Session

from feria_core.testing.files import write_atomically

Step = Literal["rcpt", "data"]


class Mail(TypedDict):
    """One mail as it was received.

    `to` are the recipients of the SMTP envelope, comma-joined, hence with the blind copies. `sent_at` is when
    it was received, RFC 3339 in UTC. `text` and `html` are decoded, empty where the mail has none.
    """

    id: str
    to: str
    subject: str
    text: str
    html: str
    sent_at: str
    message_id: str
    headers: dict[str, str]


def read_mails(folder: Path, *, limit: int | None = None) -> list[Mail]:
    """Return the mails in the folder, newest first, at most `limit`; none without a folder. Blocks."""
    mails: list[Mail] = []
    for path in sorted(folder.glob("*.json"), reverse=True)[:limit]:
        try:
            mails.append(orjson.loads(path.read_bytes()))
        except FileNotFoundError:
            # Somebody cleared the mailbox meanwhile.
            continue
    return mails


def clear_mails(folder: Path) -> None:
    """Delete every mail in the folder. Blocks."""
    for path in folder.glob("*.json"):
        path.unlink(missing_ok=True)


@dataclass
class _Failure:
    step: Step
    reply: str
    times: int


class Mailbox:
    """The server, as `async with Mailbox(folder)`; `host` and `port` are where it listens inside the block."""

    def __init__(self, folder: Path, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.folder = folder
        self.host = host
        self.port = port
        self._server: asyncio.Server | None = None
        self._connections: WeakSet[SMTP] = WeakSet()
        self._failures: list[_Failure] = []
        self._drops = 0
        self._stall_s = 0.0
        self._last_ns = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; port 0 takes a free one. Raises OSError where the port is taken."""
        self.folder.mkdir(parents=True, exist_ok=True)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and close the connections; a mail answered with 250 is stored."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._connections):
            if connection.transport is not None:
                cast("asyncio.Transport", connection.transport).abort()
        await self._server.wait_closed()
        self._server = None

    def fail_next(self, code: int, times: int = 1, *, step: Step = "data") -> None:
        """Answer the next `times` mails with `code`, e.g. 451 or 550, and store nothing.

        `step` says whether each recipient or the whole mail is refused. Raises ValueError for another code.
        """
        if not 400 <= code <= 599:  # noqa: PLR2004 - RFC 5321, section 4.2.1: 4yz is transient, 5yz permanent
            raise ValueError(f"{code} is no SMTP failure: take one from 400 to 599")
        self._failures.append(_Failure(step, f"{code} the mailbox was told to refuse this", times))

    def drop_next(self, times: int = 1) -> None:
        """Store the next `times` mails, then close the connection without a reply: the sender cannot know."""
        self._drops += times

    def stall(self, seconds: float) -> None:
        """Wait so long before answering each mail from now on; 0 ends it."""
        self._stall_s = seconds

    def behave_again(self) -> None:
        """Forget all that was forced."""
        self._failures.clear()
        self._drops = 0
        self._stall_s = 0.0

    def mails(self) -> list[Mail]:
        """Return the mails in the folder, newest first. Blocks."""
        return read_mails(self.folder)

    def clear(self) -> None:
        """Delete every mail and forget all that was forced. Blocks."""
        clear_mails(self.folder)
        self.behave_again()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds its hooks by these names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient; a hook of aiosmtpd."""
        refusal = self._refusal("rcpt")
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd finds its hooks by these names
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Store a mail, then say so; a hook of aiosmtpd."""
        received_ns = self._next_ns()
        await asyncio.sleep(self._stall_s)
        refusal = self._refusal("data")
        if refusal is not None:
            return refusal
        content = cast("bytes", envelope.content)
        await asyncio.to_thread(_store, self.folder, content, list(envelope.rcpt_tos), received_ns)
        if self._drops:
            self._drops -= 1
            cast("asyncio.Transport", server.transport).abort()
        return "250 OK"

    def _connection(self) -> SMTP:
        # The host name is given because aiosmtpd asks the resolver otherwise, which may take seconds.
        connection = SMTP(self, hostname="localhost", ident="Feria development mailbox", enable_SMTPUTF8=True)
        self._connections.add(connection)
        return connection

    def _refusal(self, step: Step) -> str | None:
        for position, failure in enumerate(self._failures):
            if failure.step == step:
                failure.times -= 1
                if failure.times <= 0:
                    del self._failures[position]
                return failure.reply
        return None

    def _next_ns(self) -> int:
        """Return the time, later than the one before even where the clock is coarse: it orders the files."""
        self._last_ns = max(time.time_ns(), self._last_ns + 1)
        return self._last_ns


def _store(folder: Path, content: bytes, recipients: list[str], received_ns: int) -> None:
    # Sorting the names sorts by time until the nanoseconds get a digit more, in the year 2286.
    mail_id = f"{received_ns}-{secrets.token_hex(4)}"
    received = datetime.fromtimestamp(received_ns / 1e9, UTC)
    # Python's modern email policy takes 20 times as long to read a mail as this older one.
    message = message_from_bytes(content)
    headers = _headers(message)
    mail = Mail(
        id=mail_id,
        to=", ".join(recipients),
        subject=_header(headers, "subject"),
        text=_body(message, "text/plain"),
        html=_body(message, "text/html"),
        sent_at=received.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        message_id=_header(headers, "message-id"),
        headers=headers,
    )
    write_atomically(folder / f"{mail_id}.json", orjson.dumps(mail))


def _body(message: Message, content_type: str) -> str:
    """Return the first part of the type that is no attachment."""
    for part in message.walk():
        if part.get_content_type() == content_type and part.get_content_disposition() != "attachment":
            content = cast("bytes", part.get_payload(decode=True))
            return _decode(content, part.get_content_charset("utf-8")).replace("\r\n", "\n")
    return ""


def _headers(message: Message) -> dict[str, str]:
    """Return the decoded headers; one that comes several times is comma-joined."""
    headers: dict[str, str] = {}
    for name, value in message.raw_items():
        # Undecodable bytes arrive as lone surrogates; with SMTPUTF8 they are UTF-8 (RFC 6532).
        text = str(value).encode("ascii", "surrogateescape").decode("utf-8", "replace")
        text = _decode_words("".join(text.splitlines())).strip()
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return headers


def _header(headers: dict[str, str], name: str) -> str:
    return next((text for key, text in headers.items() if key.lower() == name), "")


def _decode_words(text: str) -> str:
    """Return the text with its encoded words (RFC 2047) decoded; as it is where they are broken."""
    if "=?" not in text:
        return text
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, UnicodeError):
        return text


def _decode(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "replace")
    except LookupError:
        return content.decode("utf-8", "replace")
