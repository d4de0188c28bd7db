"""A web process of its own is sent pictures of every size and kind, and stays small."""

from __future__ import annotations

import io
import json
import os
import subprocess
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from struct import pack
from typing import Any

import psutil
import pytest
from PIL import Image
from servers import FERIA, answers, feria, wait_for
from shop import Http

from feria_core.testing.databases import cloned_database
from feria_core.testing.ports import free_port

pytestmark = pytest.mark.journey

MOST_GROWTH = 50 * 1024**2
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Web:
    """A `feria serve` with a staff member and a product."""

    http: Http
    everybody: list[psutil.Process]
    product: str

    def upload(self, content: bytes, name: str = "picture.png") -> tuple[int, Any]:
        """Send the picture; return status and JSON."""
        head = f'--cut\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        request = urllib.request.Request(
            f"{self.http.base}/api/admin/products/{self.product}/media",
            data=head + content + b"\r\n--cut--\r\n",
            headers={**self.http.headers, "Content-Type": "multipart/form-data; boundary=cut"},
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:
                return reply.status, json.loads(reply.read())
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.loads(refusal.read())

    def memory(self) -> int:
        """Return the resident memory of the server and its web processes, without those that make pictures."""
        return sum(process.memory_info().rss for process in self.everybody)

    def imported(self) -> set[str]:
        """Return which libraries of pictures the web processes have mapped."""
        maps = "".join(Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8") for process in self.everybody)
        return {name for name in ("PIL", "obstore") if f"/{name}/" in maps}


@contextmanager
def web(database_url: str, redis_url: str, plugins: Path, folder: Path) -> Iterator[Web]:
    port = free_port()
    environment = {
        "DATABASE_URL": database_url, "REDIS_URL": redis_url, "FERIA_PLUGINS": str(plugins),
        "FERIA_CORE__LOG_LEVEL": "error", "FERIA_CORE__MEDIA_DIR": str(folder / "media"),
    }  # fmt: skip
    subprocess.run(
        [*FERIA, "staff", "create", "--email", "owner@shop.example", "--password-stdin"],
        input=PASSWORD.encode(), check=True, timeout=60, env={**os.environ, **environment},
    )  # fmt: skip
    with feria("serve", "--port", str(port), environment=environment, log=folder / "serve.log") as process:
        base = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(f"{base}/readyz"), within_s=60, what="the server is ready")
        http = Http(base)
        token = http.post("/api/auth/login", {"email": "owner@shop.example", "password": PASSWORD}).json["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        price = {"amount": 100, "currency": "USD"}
        body = {"name": "Oak table", "status": "published", "variants": [{"sku": "OAK", "price": price}]}
        product = http.post("/api/admin/products", body).json
        server = psutil.Process(process.pid)
        yield Web(http, [server, *server.children(recursive=True)], product["id"])


@pytest.fixture(scope="module")
def shop(
    server_urls: tuple[str, str], plugins_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Web]:  # fmt: skip
    folder = tmp_path_factory.mktemp("media")
    with (
        cloned_database(server_urls[0], f"feria_media_{os.getpid()}") as url,
        web(url, server_urls[1], plugins_file, folder) as found,
    ):
        yield found


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def bomb(side: int) -> bytes:
    """A PNG of side x side zeros, one bit each."""
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + (side + 7) // 8)
    body = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()

    def part(name: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + name + content + pack(">I", zlib.crc32(name + content))

    header = part(b"IHDR", pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + part(b"IDAT", body) + part(b"IEND", b"")


def test_the_process_grows_by_less_than_fifty_mebibytes(shop: Web) -> None:
    small = encoded(Image.new("RGB", (40, 20)), "PNG")
    status, media = shop.upload(small)
    assert status == 201
    assert shop.http.call("HEAD", media["url"]).headers["content-length"] == str(media["bytes"])
    before = peak = shop.memory()
    photo = encoded(Image.effect_noise((7000, 5000), 40).convert("RGB"), "JPEG", quality=35)
    assert 5 * 1024**2 < len(photo) < 10 * 1024**2
    sent = [
        (small + b"PK\x03\x04" + b"\0" * 22, "x.zip.png", 422, "unsafe_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "x.png", 415, "unsupported_media_type"),
        (bomb(30_000), "x.png", 422, "image_too_large"),
        (small, "../../x.png", 422, "unsafe_file_name"),
        (small + b"\0" * 20 * 1024**2, "x.png", 413, "body_too_large"),
        (photo, "x.jpg", 201, None),
        (encoded(Image.new("RGBA", (8000, 5000), (1, 2, 3, 4)), "PNG"), "x.png", 201, None),
    ]
    with ThreadPoolExecutor(4) as senders:
        waiting = [(senders.submit(shop.upload, data, name), status, code) for data, name, status, code in sent * 2]
        while not all(future.done() for future, _, _ in waiting):
            peak = max(peak, shop.memory())
    for future, expected, code in waiting:
        answered, document = future.result()
        assert answered == expected or (answered, expected) == (200, 201), document
        assert code is None or document["code"] == code
    growth = max(peak, shop.memory()) - before
    assert growth < MOST_GROWTH, f"{before / 1024**2:.1f} MiB before, {growth / 1024**2:.1f} MiB more"
    assert shop.imported() == set()
    assert shop.http.get("/healthz").status == 200
