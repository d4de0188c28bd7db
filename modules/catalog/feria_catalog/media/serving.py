"""Pictures as they were stored, or narrower, in the best kind that the client takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from pydantic import BeforeValidator
from quart import Response, request

from feria_catalog.media import scaling
from feria_catalog.media.keys import FOREVER, KEY, TYPES, kind_of, scaled_key
from feria_catalog.media.storage import Storage
from feria_catalog.media.storage.chosen import storage
from feria_catalog.settings import CatalogSettings
from feria_core.errors import NotFound
from feria_core.http import PUBLIC, ApiBlueprint, Query
from feria_core.http.responses import matches
from feria_core.runtime import settings

blueprint = ApiBlueprint("catalog_media", __name__)

# A slow phone may take its time over one picture, but not for ever.
SEND_FOR_S = 300
# What leads to another server may change with the settings.
REDIRECT_CACHE = "public, max-age=3600"


class MediaQuery(Query):
    """How wide, in pixels; without it the picture as it was stored."""

    w: Annotated[
        Literal[160, 320, 640, 1280] | None, BeforeValidator(lambda v: int(v) if str(v).isdecimal() else v)
    ] = None


@blueprint.endpoint("GET", "/media/<key>", access=PUBLIC, query=MediaQuery, media_types=("image/webp", "image/avif"))
async def get_media(key: str, query: MediaQuery) -> Response:
    """A picture, narrower with `w`, as AVIF or WebP where the client takes that."""
    if not KEY.fullmatch(key):
        raise _missing()
    files = storage()
    name = key if query.w is None else await _narrower(files, key, query.w)
    public_url = settings(CatalogSettings).media_public_url
    if public_url is not None:
        return await _redirect(files, name, public_url)
    headers = {"Cache-Control": FOREVER, "ETag": f'"{name.removeprefix("scaled/")}"', "Vary": "Accept"}
    return await _answer(files, name, headers)


async def _narrower(files: Storage, key: str, width: int) -> str:
    """Return the name of the best stored kind of that width; it is made where there is none. Raises NotFound."""
    kind = kind_of(key)
    if _takes("image/avif") and await files.size(name := scaled_key(key, width, "avif")) is not None:
        return name
    # Whoever shows a WebP original takes narrower WebP too.
    if _takes("image/webp"):
        kind = "webp"
    name = scaled_key(key, width, kind)
    if await files.size(name) is None and not await scaling.make(key, kind):
        raise _missing()
    return name


def _takes(mime: str) -> bool:
    return any(value == mime and quality > 0 for value, quality in request.accept_mimetypes)


async def _redirect(files: Storage, name: str, public_url: str) -> Response:
    if await files.size(name) is None:
        raise _missing()
    headers = {"Location": f"{public_url.rstrip('/')}/{name}", "Cache-Control": REDIRECT_CACHE, "Vary": "Accept"}
    return Response(b"", status=302, headers=headers)


async def _answer(files: Storage, name: str, headers: dict[str, str]) -> Response:
    is_known = matches(request.headers.get("If-None-Match"), headers["ETag"])
    content_type = TYPES[kind_of(name)]
    if is_known or request.method == "HEAD":
        size = await files.size(name)
        if size is None:
            raise _missing()
        if is_known:
            return Response(b"", status=304, headers=headers)
        # As a stream: Quart would write the length of an empty body over that of the picture.
        return Response(_nothing(), headers={**headers, "Content-Length": str(size)}, content_type=content_type)
    found = await files.get(name)
    if found is None:
        raise _missing()
    response = Response(found.chunks, headers={**headers, "Content-Length": str(found.size)}, content_type=content_type)
    response.timeout = SEND_FOR_S
    return response


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield


def _missing() -> NotFound:
    return NotFound("There is no such picture.")
