"""Pictures by address: public ones only, checked after the name is resolved, and nothing else is connected to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from ipaddress import ip_address

import pytest
import pytest_asyncio

from feria_catalog.media.errors import AddressNotPublic, ImageNotFetched
from feria_catalog.media.remote import fetch_image, is_public
from feria_core.contracts.media import MEDIA
from feria_core.http.bodies import TooLarge
from feria_core.runtime import registry


class Server:
    """Answers every connection with `answer`; tells what it was asked."""

    def __init__(self) -> None:
        self.answer = b""
        self.asked: list[bytes] = []
        self.port = 0
        self.endless = False

    async def serve(self, reader, writer):
        try:
            self.asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(self.answer)
            while self.endless:
                writer.write(b"x" * 65536)
                await writer.drain()
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@pytest_asyncio.fixture(loop_scope="session")
async def server(app) -> AsyncIterator[Server]:
    found = Server()
    async with await asyncio.start_server(found.serve, "127.0.0.1", 0) as listening:
        found.port = listening.sockets[0].getsockname()[1]
        yield found


def answer(body, status=b"200 OK", *headers):
    head = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), b"Connection: close", *headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def anywhere(address):
    return True


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
        "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
        "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
        "2001::1", "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd12::1",
        "fe80::1", "fe80::1%1", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_everybodys_are_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "2a00:1450:4001:81b::200e"])
def test_addresses_of_the_internet_are_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "localhost.", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "[::1]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "169.254.169.254", "10.0.0.1", "[fe80::1%25lo]",
        "\uff11\uff12\uff17.0.0.1",
    ],
)  # fmt: skip
async def test_our_own_networks_are_never_asked(server, host):
    server.answer = answer(b"secret")
    with pytest.raises((AddressNotPublic, ImageNotFetched)):
        await fetch_image(f"http://{host}:{server.port}/x.png")
    assert server.asked == []


async def test_a_name_with_one_private_address_is_refused(server, monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, server.port)) for host in ("8.8.8.8", "127.0.0.1")]

    async def resolved(*_args, **_options):
        return found

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolved)
    with pytest.raises(AddressNotPublic):
        await fetch_image(f"http://shop.example:{server.port}/x.png")


async def test_the_name_is_resolved_once_and_only_that_address_is_connected_to(server, monkeypatch):
    server.answer = answer(b"picture")
    asked = []
    real = asyncio.get_running_loop().getaddrinfo

    async def resolved(host, port, **options):
        asked.append(host)
        return await real("127.0.0.1" if len(asked) == 1 else "127.0.0.9", port, **options)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolved)
    assert await fetch_image(f"http://shop.example:{server.port}/x.png", is_allowed=anywhere) == b"picture"
    assert [host for host in asked if host == "shop.example"] == ["shop.example"]
    assert b"Host: shop.example" in server.asked[0]


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"404 Not Found", b"500 Oh", b"206 Part"])
async def test_only_a_plain_answer_counts(server, status):
    server.answer = answer(b"x", status, b"Location: http://127.0.0.1/secret")
    with pytest.raises(ImageNotFetched):
        await fetch_image(f"http://127.0.0.1:{server.port}/x", is_allowed=anywhere)
    assert len(server.asked) == 1


async def test_what_is_too_large_is_not_read_to_its_end(server):
    server.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"
    with pytest.raises(TooLarge):
        await fetch_image(f"http://127.0.0.1:{server.port}/x", is_allowed=anywhere)
    server.answer, server.endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", True
    with pytest.raises(TooLarge):
        await fetch_image(f"http://127.0.0.1:{server.port}/x", is_allowed=anywhere)


@pytest.mark.parametrize("reply", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"])
async def test_a_damaged_answer_is_told(server, reply):
    server.answer = reply
    with pytest.raises(ImageNotFetched):
        await fetch_image(f"http://127.0.0.1:{server.port}/x", is_allowed=anywhere)


async def test_a_server_that_says_nothing_is_given_up(server, monkeypatch):
    monkeypatch.setattr("feria_catalog.media.remote.WHOLE_TIMEOUT_S", 0.5)

    async def silent(reader, writer):
        try:
            await reader.read()
        finally:
            writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(ImageNotFetched, match="too long"):
            await fetch_image(f"http://127.0.0.1:{port}/x", is_allowed=anywhere)


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "//host/x", "ftp://8.8.8.8/x", "file:///etc/passwd", "gopher://8.8.8.8/", "http://", "http:///x",
        "http://user:secret@8.8.8.8/x", "http://8.8.8.8:99999/x", "http://[::1/x", "http://a b/x",
        "javascript:alert(1)",        "http://" + "a" * 3000, "http://nowhere.invalid/x", "http://\ud800/x", "http://x\0y/",
    ],
)  # fmt: skip
async def test_what_is_no_address_is_refused(app, url):
    with pytest.raises(ImageNotFetched):
        await fetch_image(url)


async def test_the_port_checks_what_it_fetched(database, monkeypatch):
    async def html(url):
        return b"<html>"

    monkeypatch.setattr("feria_catalog.media.remote.fetch_image", html)
    from feria_core.http.bodies import UnsupportedMediaType

    with pytest.raises(UnsupportedMediaType):
        await registry().get(MEDIA).store_image_from("https://shop.example/x.png")
