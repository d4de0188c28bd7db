"""Reading a file of accounts: CSV or JSON Lines, one row at a time, whatever its size."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from feria_users.domain import EmailAddress, parse_email
from feria_users.service.foreign_hashes import is_usable

COLUMNS = ("email", "name", "password_hash", "verified")
MAX_LINE = 64 * 1024
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
_YES, _NO = frozenset(("true", "1", "yes", "t", "y")), frozenset(("false", "0", "no", "f", "n", ""))


class BadRow(ValueError):
    """A row that cannot be used; its text is the reason."""


class BadFile(ValueError):
    """A file that cannot be read at all; its text is the reason."""


@dataclass(frozen=True)
class Incoming:
    """One account as the file has it."""

    address: EmailAddress
    name: str
    password_hash: str | None
    is_verified: bool


def read(path: Path, *, on_bytes: Callable[[int], None]) -> Iterator[tuple[int, Incoming | BadRow]]:
    """Give each row's number, from 1 without the heading, with the account or why it cannot be used.

    Raises BadFile for a CSV file without the columns.
    """
    with path.open("rb") as file:
        lines = _lines(file, on_bytes)
        raw = _json_rows(lines) if _is_json(path) else _csv_rows(lines)
        for number, row in enumerate(raw, start=1):
            try:
                yield number, _account(row)
            except BadRow as reason:
                yield number, reason


def _is_json(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def _lines(file: BinaryIO, on_bytes: Callable[[int], None]) -> Iterator[bytes]:
    """Give the lines; one that is too long is cut, and what follows of it is thrown away."""
    while line := file.readline(MAX_LINE + 1):
        on_bytes(len(line))
        while len(line) > MAX_LINE and not line.endswith(b"\n"):
            rest = file.readline(MAX_LINE + 1)
            on_bytes(len(rest))
            if not rest or rest.endswith(b"\n"):
                break
        yield line


def _json_rows(lines: Iterator[bytes]) -> Iterator[Mapping[str, Any] | BadRow]:
    for line in lines:
        if not line.strip():
            continue
        if len(line) > MAX_LINE:
            yield BadRow(f"the line is longer than {MAX_LINE} bytes")
            continue
        try:
            row = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError:
            yield BadRow("the line is not JSON")
            continue
        yield row if isinstance(row, dict) else BadRow("the line is no JSON object")


def _csv_rows(lines: Iterator[bytes]) -> Iterator[Mapping[str, Any] | BadRow]:
    text = (line.decode("utf-8", "surrogateescape") for line in lines)
    reader = csv.reader(text)
    heading = [name.strip().removeprefix("\ufeff").lower() for name in next(reader, [])]
    missing = [name for name in ("email", "password_hash") if name not in heading]
    if missing:
        raise BadFile(f"the first line names no column '{missing[0]}': it must name {', '.join(COLUMNS)}")
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(f"the row is not CSV: {error}")
            continue
        if not cells:
            continue
        if len(cells) != len(heading):
            yield BadRow(f"the row has {len(cells)} cells, the heading {len(heading)}")
            continue
        yield dict(zip(heading, cells, strict=True))


def _account(row: Mapping[str, Any] | BadRow) -> Incoming:
    if isinstance(row, BadRow):
        raise row
    unknown = sorted(set(row) - set(COLUMNS))
    if unknown:
        raise BadRow(f"unknown column '{unknown[0][:40]}': known are {', '.join(COLUMNS)}")
    address = parse_email(_text(row, "email"))
    if address is None:
        raise BadRow("email is no address that a mail could be sent to")
    name = _text(row, "name") or address.typed.partition("@")[0]
    if not _NAME.fullmatch(name):
        raise BadRow("name must have 1 to 200 characters and no control characters")
    stored = _text(row, "password_hash") or None
    if stored is not None and not is_usable(stored):
        raise BadRow("password_hash is neither bcrypt ($2a$, $2b$, $2y$, cost 4 to 14) nor argon2 of bearable cost")
    return Incoming(address, name, stored, _flag(row.get("verified")))


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRow(f"{column} must be text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BadRow(f"{column} is not UTF-8") from error
    return value.strip()


def _flag(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    text = str(value).strip().lower()
    if text not in _YES | _NO:
        raise BadRow("verified must be true or false")
    return text in _YES
