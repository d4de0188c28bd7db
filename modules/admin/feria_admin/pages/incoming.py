"""Forms as they arrive: only of this session's own pages, within bounds, with a file where one is asked for."""

from __future__ import annotations

import asyncio
import hmac
import io
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from quart import request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import MultiPartParser

from feria_admin.pages.visits import Visit
from feria_core.errors import BadRequest, Forbidden
from feria_core.http.bodies import read_body
from feria_core.runtime import core_settings

MAX_FORM_BYTES, MAX_FORM_FIELDS = 1024 * 1024, 5000
# Larger files go to the API itself, or through `feria import`.
MAX_UPLOAD_BYTES = 32 * 1024 * 1024
PLAIN, WITH_FILE = "application/x-www-form-urlencoded", "multipart/form-data"


class ForeignForm(Forbidden):
    """A form that is not one of this session's pages."""

    def __init__(self) -> None:
        super().__init__("Load the page again and send the form from there.")


@dataclass(frozen=True)
class File:
    """What was uploaded."""

    name: str
    media_type: str
    content: bytes

    def form(self, fields: dict[str, str]) -> tuple[str, bytes]:
        """Return the content type and body of a form of these fields and this file as `file`."""
        boundary = secrets.token_hex(16)
        parts = [_part(boundary, f'name="{name}"', "", value.encode()) for name, value in fields.items()]
        name = f'name="file"; filename="{quote(self.name, safe=" ()")}"'
        parts.append(_part(boundary, name, f"Content-Type: {self.media_type}\r\n", self.content))
        return f"{WITH_FILE}; boundary={boundary}", b"".join([*parts, f"--{boundary}--\r\n".encode()])


async def typed(visit: Visit | None) -> dict[str, str]:
    """Return what a form sent; of values of one name, one on each line. Raises ForeignForm."""
    values, _ = await sent(visit)
    return values


async def sent(visit: Visit | None, *, takes_file: bool = False) -> tuple[dict[str, str], File | None]:
    """Return what a form sent, with its file where it may have one.

    Raises ForeignForm for one of another site or another session.
    """
    _check_origin()
    if takes_file and request.mimetype == WITH_FILE:
        pairs, file = await _with_file()
    elif request.mimetype == PLAIN:
        pairs, file = await _plain(), None
    else:
        raise BadRequest(f"Forms are sent as {PLAIN}.")
    values: dict[str, str] = {}
    for name, value in pairs:
        clean = value.replace("\x00", "")
        values[name] = f"{values[name]}\n{clean}" if name in values else clean
    if visit is not None and not hmac.compare_digest(values.get("csrf", "").encode(), visit.session.csrf.encode()):
        raise ForeignForm
    return values, file


async def _plain() -> list[tuple[str, str]]:
    raw = await read_body(request, MAX_FORM_BYTES)
    try:
        return parse_qsl(raw.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
    except ValueError as error:
        raise BadRequest("The form cannot be read: load the page again and send it once more.") from error


async def _with_file() -> tuple[list[tuple[str, str]], File | None]:
    boundary = request.mimetype_params.get("boundary", "").encode("ascii", "replace")
    raw = await read_body(request, MAX_UPLOAD_BYTES)
    parser = MultiPartParser(max_form_memory_size=MAX_FORM_BYTES, max_form_parts=100)
    try:
        form, files = await asyncio.to_thread(parser.parse, io.BytesIO(raw), boundary, len(raw))
    except (ValueError, HTTPException) as error:
        raise BadRequest("The form cannot be read: load the page again and send it once more.") from error
    try:
        return list(form.items(multi=True)), await _file(files.get("file"))
    finally:
        for file in files.values():
            file.close()


async def _file(sent: FileStorage | None) -> File | None:
    if sent is None or not sent.filename:
        return None
    content = await asyncio.to_thread(sent.read)
    media_type = sent.mimetype if sent.mimetype.isprintable() else "application/octet-stream"
    return File(sent.filename, media_type, content)


def _part(boundary: str, name: str, more: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {name}\r\n{more}\r\n"
    return head.encode() + content + b"\r\n"


def _check_origin() -> None:
    """Browsers say where a form comes from; SameSite and the token stand behind this."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        raise ForeignForm
    if origin is not None:
        own = {urlsplit(core_settings().public_url).netloc, request.headers.get("Host", "")}
        if urlsplit(origin).netloc not in own - {""}:
            raise ForeignForm
    if site is None and origin is None:
        raise ForeignForm
