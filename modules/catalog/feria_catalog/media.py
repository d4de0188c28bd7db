"""Pictures: as they were stored, or narrower; made once, then read from disk."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator
from quart import Response, request

from feria_core.errors import NotFound
from feria_core.http import PUBLIC, ApiBlueprint, Query
from feria_core.http.responses import matches
from feria_core.runtime import core_settings

blueprint = ApiBlueprint("catalog_media", __name__)

KEY = re.compile(r"[a-f0-9]{8,64}\.(webp|png|jpg)")
TYPES = {"webp": "image/webp", "png": "image/png", "jpg": "image/jpeg"}
# A key is the hash of its picture, so what is behind it never changes.
FOREVER = "public, max-age=31536000, immutable"
QUALITY = 80
# Scaling holds a whole picture in memory.
_scaling = asyncio.Semaphore(2)


class MediaQuery(Query):
    """How wide, in pixels; without it the picture as it was stored."""

    w: Annotated[
        Literal[160, 320, 640, 1280] | None, BeforeValidator(lambda v: int(v) if str(v).isdecimal() else v)
    ] = None


@blueprint.endpoint("GET", "/media/<key>", access=PUBLIC, query=MediaQuery)
async def get_media(key: str, query: MediaQuery) -> Response:
    """A picture, narrower with `w`, as WebP where the client takes that."""
    if not KEY.fullmatch(key):
        raise NotFound("There is no such picture.")
    folder = core_settings().media_dir
    kind = key.rpartition(".")[2]
    if query.w is not None and "image/webp" in request.headers.get("Accept", ""):
        kind = "webp"
    headers = {"Cache-Control": FOREVER, "ETag": f'"{key}-{query.w or 0}-{kind}"', "Vary": "Accept"}
    content = await _content(folder, key, query.w, kind)
    if matches(request.headers.get("If-None-Match"), headers["ETag"]):
        return Response(b"", status=304, headers=headers)
    return Response(content, headers=headers, content_type=TYPES[kind])


async def _content(folder: Path, key: str, width: int | None, kind: str) -> bytes:
    """Return the picture's bytes. Raises NotFound."""
    if width is None:
        content = await asyncio.to_thread(_read, folder / key)
    else:
        target = folder / "scaled" / f"{key.partition('.')[0]}-{width}.{kind}"
        content = await asyncio.to_thread(_read, target)
        if content is None:
            async with _scaling:
                content = await asyncio.to_thread(_scale, folder / key, target, width)
    if content is None:
        raise NotFound("There is no such picture.")
    return content


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _scale(source: Path, target: Path, width: int) -> bytes | None:
    """Write the picture at most `width` wide to `target`, complete or not at all; return its bytes."""
    from PIL import Image

    if not source.is_file():
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(source) as picture:
        picture.load()
        modes = ("RGB",) if target.suffix == ".jpg" else ("RGB", "RGBA")
        scaled = picture if picture.mode in modes else picture.convert(modes[-1])
        if scaled.width > width:
            height = max(1, round(scaled.height * width / scaled.width))
            scaled = scaled.resize((width, height), Image.Resampling.LANCZOS)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            scaled.save(file, format={".jpg": "JPEG", ".png": "PNG"}.get(target.suffix, "WEBP"), quality=QUALITY)
    os.replace(file.name, target)  # noqa: PTH105 - the name is text
    return target.read_bytes()
