"""Values for any field of a body, as they stand in JSON, and bodies that are none."""

from __future__ import annotations

import gzip
from typing import Any

import orjson

MIB = 2**20
LITERALS = {
    "NUL": b'"a\\u0000b"',
    "lone surrogate": b'"\\ud800"',
    "2^31-1": b"2147483647",
    "2^31": b"2147483648",
    "2^63": b"9223372036854775808",
    "-2^63-1": b"-9223372036854775809",
    "-1": b"-1",
    "10^30": b"1" + b"0" * 30,
    "5000 digits": b"9" * 5000,
    "1E+1000000": b"1E+1000000",
    "1e400": b"1e400",
    "1e308": b"1e308",
    "NaN": b"NaN",
    "-0": b"-0",
    "1.0": b"1.0",
    "0.005": b"0.005",
    "true": b"true",
    "null": b"null",
    '"1"': b'"1"',
    '""': b'""',
    "[]": b"[]",
    "{}": b"{}",
    "list of null": b"[null]",
    "9999-12-31": b'"9999-12-31T23:59:59.999999-14:00"',
    "0001-01-01": b'"0001-01-01T00:00:00+14:00"',
    "10,000 characters": b'"' + b"x" * 10_000 + b'"',
    "10,000 astral characters": b'"' + "\U0001f4a9".encode() * 10_000 + b'"',
    "10,000 items": b"[" + b"1," * 9_999 + b"1]",
}
HEAVY = {
    "nearly 1 MiB": b'"' + b"x" * (MIB - 60_000) + b'"',
    "depth 100,000": b"[" * 100_000 + b"]" * 100_000,
    "depth 100,000 of objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "depth 33": b"[" * 33 + b"]" * 33,
    "100,000 items": b"[" + b"{}," * 99_999 + b"{}]",
}
CONTENT_TYPES = [
    b"",
    b"text/plain",
    b"application/x-www-form-urlencoded",
    b"multipart/form-data",
    b"multipart/form-data; boundary=",
    b"multipart/form-data; boundary=" + b"x" * 5000,
    b"application/xml",
    b"application/json, text/plain",
    b"application/json; charset=utf-16",
    b"application/json; charset=\xff",
    b"\xff\xfe",
    b";",
    b"/",
    b"a" * 10_000,
    b"application/json; a=" + b'"' * 999,
    b"json",
    b"application/octet-stream",
    b"text/csv",
    b"application/gzip",
]


def strange_bodies(body: Any) -> dict[str, bytes]:
    """Return bodies that a route cannot take, and two that it may, made from one that it takes."""
    plain = orjson.dumps(body)
    return {
        "nothing": b"",
        "a blank": b" ",
        "null": b"null",
        "a list": b"[" + plain + b"]",
        "text": b'"text"',
        "a number": b"1",
        "half of it": plain[: len(plain) // 2],
        "something behind it": plain + b"{}",
        "bad UTF-8": plain[:-1] + b',"\xff\xfe":"\xc3"}',
        "overlong UTF-8": plain[:-1] + b',"a":"\xc0\x80"}',
        "a surrogate in UTF-8": plain[:-1] + b',"a":"\xed\xa0\x80"}',
        "UTF-16": plain.decode().encode("utf-16"),
        "UTF-32": plain.decode().encode("utf-32"),
        "gzip": gzip.compress(plain),
        "a form": b"a=1&b=2",
        "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        "depth 100,000": b"[" * 100_000,
        "100,000 unknown names": b"{" + b",".join(b'"f%d":1' % n for n in range(80_000)) + b"}",
        "keys twice": plain[:-1] + b"," + plain[1:] if body else plain,
        "a space more": b" \n" + plain + b" ",
    }
