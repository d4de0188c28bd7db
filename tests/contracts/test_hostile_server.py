"""What a client can do to the socket of a real `feria serve`."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from servers import answers, feria, free_port, wait_for

MIB = 2**20
HOST = b"Host: shop.example.org\r\n"
# What granian's HTTP parser refuses by itself never reaches the application; RFC 9112 asks no more than the status.
BARE = {400, 414, 431}


@pytest.fixture(scope="module")
def port(server_urls, tmp_path_factory, plugins_file) -> Iterator[int]:
    from feria_core.testing.databases import cloned_database

    number = free_port()
    with cloned_database(server_urls[0], "feria_hostile_server") as url:
        environment = {
            "DATABASE_URL": url, "REDIS_URL": server_urls[1], "FERIA_PLUGINS": str(plugins_file), "FERIA_CORE__LOG_LEVEL": "error",
        }  # fmt: skip
        log = tmp_path_factory.mktemp("serve") / "serve.log"
        with feria("serve", "--port", str(number), environment=environment, log=log):
            wait_for(lambda: answers(f"http://127.0.0.1:{number}/readyz"), within_s=60, what="the server is ready")
            yield number


def exchange(port: int, request: bytes, *, patience_s: float = 10) -> bytes:
    """Send the bytes, whatever the server does meanwhile; return all that it answers until it closes or is silent."""
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=patience_s) as peer:
        try:
            peer.sendall(request)
        except OSError as error:
            received += b"(sending: %s)" % str(error).encode()
        try:
            while chunk := peer.recv(65536):
                received += chunk
                if complete(received):
                    break
        except OSError as error:
            received += b"(receiving: %s)" % str(error).encode()
    return bytes(received)


def complete(received: bytearray) -> bool:
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(length) and len(body) >= int(length[0].split(b":")[1])
