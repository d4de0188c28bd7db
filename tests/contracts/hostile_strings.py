"""Strings that break software, for fields, parameters and paths."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import orjson
import pytest

LIST = Path(__file__).parents[3] / "shared/data/naughty/blns.json"
OURS = [
    "a\x00b",
    "\uffff",
    "\ufeff",
    "\u202etxet",
    "\U0001d518\U0001d52b",
    "a\r\nSet-Cookie: x=1",
    "٠١٢",
    "²",
    "\uff11\uff12",
    "ⅷ",
    "1_0",
    "2147483648",
    "9223372036854775808",
    "1E+1000000",
    "-1",
    "1e400",
    "nan",
    "inf",
    "0.005",
    "0" * 5000,
    "9" * 5000,
    "true",
    "[]",
    "{}",
    "%00",
    "../../../etc/passwd",
    "10000-01-01",
    "0001-01-01T00:00:00+14:00",
    "2026-02-30",
    "9999-12-31T23:59:59-14:00",
    "urn:uuid:01936f2e-7c1a-7000-8000-0123456789ab",
    "W10",
    "bnVsbA",
    "WzEsMl0",
    "W251bGwsbnVsbF0",
    "WyI5OTk5LTEyLTMxVDIzOjU5OjU5LTE0OjAwIiwgIngiXQ",
    "x" * 5000,
    "ß" * 200,
    "İ" * 100,
    "ﷺ" * 100,
    " ",
    "\t",
    "&",
    "=",
    "+",
    "#",
]
IDS = "01936f2e-7c1a-7000-8000-0123456789a"
BAD_PATHS = [
    b"%00",
    b"a%00b",
    b"%ff%fe",
    b"%ed%a0%80",
    b"%c0%af",
    b"%",
    b"%zz",
    b"%2",
    b"%u0000",
    b"%2e%2e%2f",
    b"..%2f..%2fetc%2fpasswd",
    b"{%s}" % IDS.encode(),
    f"urn:uuid:{IDS}b".encode(),
    IDS.encode() + b"g",
    IDS.encode() + b"b%00",
    IDS.upper().encode() + b"B",
    b"%D9%A0" + IDS[1:].encode() + b"b",
    b"0" * 36,
    b"-" * 36,
    b"x" * 20_000,
    b"%f0%9f%92%a9" * 1000,
    b"null",
    b"%20",
    b"%0d%0aa:b",
    b"F-0000-0000",
    b"F-%00%00%00%00-0000",
    b"2147483648",
    b"9223372036854775808",
    b"\xff",
    b"\xc3\xa9",
    b";a=b",
    b"%3f",
    b"%23",
]


@cache
def naughty() -> list[str]:
    """Return the big list and ours; skip the test where the list is not beside the checkout."""
    if not LIST.is_file():
        pytest.skip(f"the list of naughty strings is not at {LIST}")
    return list(dict.fromkeys([*orjson.loads(LIST.read_bytes()), *OURS]))


def for_turn(turn: int, *, everything: bool, parts: int = 4) -> list[str]:
    """Return all strings, or ours and every fourth (or so) of the big list, another part of it in each turn."""
    return naughty() if everything else [*OURS, *naughty()[turn % parts :: parts]]
