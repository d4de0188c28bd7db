"""What a client can do to the socket of a real `feria serve`: every answer arrives, and none is a 500."""

from __future__ import annotations

import http.client
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile_wire import wrong_with
from servers import answers, feria, wait_for

from feria_core.testing.client import Reply
from feria_core.testing.databases import cloned_database
from feria_core.testing.ports import free_port

pytestmark = pytest.mark.journey

LOGIN = b"POST /api/auth/login HTTP/1.1"
HOST = b"Host: shop.example.org"
JSON = b"Content-Type: application/json"
LARGE = b'{"a":"' + b"x" * (10 * 2**20) + b'"}'
# What the server's reader itself refuses never reaches the application; the connection ends.
BY_THE_PARSER = {
    "a raw byte in the path": b"GET /api/products/\xff HTTP/1.1\r\n%s\r\n\r\n" % HOST,
    "a raw byte in the query": b"GET /api/products?q=\xff HTTP/1.1\r\n%s\r\n\r\n" % HOST,
    "a raw NUL": b"GET /api/products/\x00 HTTP/1.1\r\n%s\r\n\r\n" % HOST,
    "a blank in the target": b"GET /api/pro ducts HTTP/1.1\r\n%s\r\n\r\n" % HOST,
    "no slash": b"GET api/cart HTTP/1.1\r\n%s\r\n\r\n" % HOST,
    "a path of 70,000 characters": b"GET /%s HTTP/1.1\r\n%s\r\n\r\n" % (b"a" * 70_000, HOST),
    "a header of a megabyte": b"GET /api/cart HTTP/1.1\r\n%s\r\nX-A: %s\r\n\r\n" % (HOST, b"x" * 1_000_000),
    "500 headers": b"GET /api/cart HTTP/1.1\r\n%s\r\n\r\n" % b"\r\n".join(b"X-%d: a" % n for n in range(500)),
    "NUL in a header": b"GET /api/cart HTTP/1.1\r\n%s\r\nX-A: a\x00b\r\n\r\n" % HOST,
    "a folded header": b"GET /api/cart HTTP/1.1\r\n%s\r\nX-A: a\r\n b\r\n\r\n" % HOST,
    "a blank in a header's name": b"GET /api/cart HTTP/1.1\r\n%s\r\nX A: a\r\n\r\n" % HOST,
    "a negative length": b"%s\r\n%s\r\nContent-Length: -1\r\n\r\n{}" % (LOGIN, HOST),
    "a length of words": b"%s\r\n%s\r\nContent-Length: abc\r\n\r\n{}" % (LOGIN, HOST),
    "a length past 2^64": b"%s\r\n%s\r\nContent-Length: 99999999999999999999999\r\n\r\n{}" % (LOGIN, HOST),
    "two lengths": b"%s\r\n%s\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}" % (LOGIN, HOST),
    "an unknown coding": b"%s\r\n%s\r\nTransfer-Encoding: gzip\r\n\r\n{}" % (LOGIN, HOST),
    "HTTP/3.0": b"GET /api/cart HTTP/3.0\r\n\r\n",
    "HTTP/0.9": b"GET /api/cart\r\n\r\n",
    "a method of 5,000 letters": b"%s /api/cart HTTP/1.1\r\n%s\r\n\r\n" % (b"A" * 5000, HOST),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
}
REFUSED = {
    "%00 in the path": (b"GET /api/products/%00 HTTP/1.1", b"", 404),
    "%00 in the query": (b"GET /api/products?q=%00 HTTP/1.1", b"", 422),
    "broken escapes": (b"GET /api/products/%zz?q=%zz HTTP/1.1", b"", 404),
    "escapes that are no UTF-8": (b"GET /api/products/%ff?q=%ff HTTP/1.1", b"", 404),
    "UTF-8 as it is": ("GET /api/products/é HTTP/1.1".encode(), b"", 404),
    "a path of 20,000 characters": (b"GET /%s HTTP/1.1" % (b"a" * 20_000), b"", 404),
    "a host for a target": (b"GET http://evil.example HTTP/1.1", b"", 404),
    "OPTIONS *": (b"OPTIONS * HTTP/1.1", b"", 404),
    "CONNECT": (b"CONNECT shop:80 HTTP/1.1", b"", 404),
    "TRACE": (b"TRACE /api/cart HTTP/1.1", b"", 405),
    "PROPFIND": (b"PROPFIND /api/cart HTTP/1.1", b"", 405),
    "a token of raw bytes": (b"GET /api/cart HTTP/1.1", b"Authorization: Bearer \xff\xfe\r\n", 401),
    "a length of 2^63": (LOGIN, b"Content-Length: 9223372036854775808\r\n%s\r\n" % JSON, 413),
}


@pytest.fixture(scope="module")
def port(
    server_urls: tuple[str, str], plugins_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:  # fmt: skip
    number = free_port()
    log = tmp_path_factory.mktemp("serve") / "serve.log"
    with cloned_database(server_urls[0], "feria_hostile_server") as url:
        environment = {
            "DATABASE_URL": url, "REDIS_URL": server_urls[1], "FERIA_PLUGINS": str(plugins_file),
            "FERIA_CORE__LOG_LEVEL": "error",
        }  # fmt: skip
        with feria("serve", "--port", str(number), environment=environment, log=log):
            wait_for(lambda: answers(f"http://127.0.0.1:{number}/readyz"), within_s=60, what="the server is ready")
            yield number
    assert "Traceback" not in log.read_text(encoding="utf-8", errors="replace")


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_a_strange_request_is_refused_with_a_problem(port: int, case: str) -> None:
    line, headers, status = REFUSED[case]
    heard = exchange(port, b"%s\r\n%s\r\n%s\r\n" % (line, HOST, headers))
    assert heard.status == status
    assert wrong_with(heard) is None


@pytest.mark.parametrize("case", BY_THE_PARSER, ids=str)
def test_what_is_no_http_is_refused_with_a_problem_too(port: int, case: str) -> None:
    heard = exchange(port, BY_THE_PARSER[case])
    assert (heard.status, heard.code) in ((400, "bad_request"), (431, "headers_too_large"))
    assert heard.headers["connection"] == "close"
    assert wrong_with(heard) is None


@pytest.mark.parametrize(
    "path", ["/api/auth/login", "/api/cart/items", "/api/cart/merge", "/api/nothing", "/api/products"]
)
def test_ten_mib_are_answered_after_the_client_has_sent_them(port: int, path: str) -> None:
    """http.client sends everything before it listens: an early end of the connection would be an error here."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", path, LARGE, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    heard = Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    connection.close()
    assert wrong_with(heard) is None
    expected = {"/api/cart/merge": 401, "/api/nothing": 404, "/api/products": 405}
    assert heard.status == expected.get(path, 413)


def test_ten_mib_of_unknown_length_are_answered_too(port: int) -> None:
    pieces = [LARGE[at : at + 65536] for at in range(0, len(LARGE), 65536)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    heard = exchange(port, b"%s\r\n%s\r\n%s\r\nTransfer-Encoding: chunked\r\n\r\n%s" % (LOGIN, HOST, JSON, chunks))
    assert (heard.status, heard.code) == (413, "body_too_large")


def test_a_body_that_is_damaged_on_the_way_is_a_400(port: int) -> None:
    heard = exchange(port, b"%s\r\n%s\r\n%s\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n" % (LOGIN, HOST, JSON))
    assert (heard.status, heard.code) == (400, "bad_request")
    assert wrong_with(heard) is None


def test_the_server_is_well_afterwards(port: int) -> None:
    assert answers(f"http://127.0.0.1:{port}/readyz")


def exchange(port: int, request: bytes) -> Reply:
    """Send the bytes and return the answer. Raises OSError where the connection was reset instead."""
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=15) as peer:
        peer.sendall(request)
        while not _complete(received) and (piece := peer.recv(65536)):
            received += piece
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return Reply(int(lines[0].split()[1]), headers, body)


def _complete(received: bytearray) -> bool:
    head, end, body = bytes(received).partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    return bool(end) and length is not None and len(body) >= int(length[1])
