"""Taking an upload: the file of a form goes to disk as it comes, the other fields into a model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated

from pydantic import Field
from quart import Request
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.multipart import Data, Epilogue, Event, File, MultipartDecoder, NeedData
from werkzeug.sansio.multipart import Field as TextField

from feria_catalog.media import limits
from feria_catalog.media.errors import UnsafeFileName, UnsupportedMediaType
from feria_core.errors import BadRequest, Invalid
from feria_core.http import Query
from feria_core.http.bodies import TooLarge, body_chunks, validate

FORM = "multipart/form-data"
MAX_PARTS = 20
MAX_FIELD_BYTES = 4096
# What a form adds to the file in it.
AROUND_BYTES = 64 * 1024
# What is read and thrown away of an upload that is too large, so that its sender gets to read why.
READ_PAST_BYTES = 64 * 1024**2
READ_PAST_S = 20.0

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class MediaForm(Query):
    """The fields beside the file; like a query they arrive as text."""

    alt: Annotated[str, Field(max_length=limits.ALT_LENGTH)] = ""
    position: Annotated[int | None, Field(ge=0, le=limits.PER_PRODUCT)] = None
    focal_x: Share | None = None
    focal_y: Share | None = None


async def receive(request: Request, target: Path, *, max_bytes: int) -> MediaForm:
    """Write the form's part `file` to `target`; return the other fields.

    Raises UnsupportedMediaType for another body than a form, BadRequest for a damaged form or one without a file,
    TooLarge past `max_bytes`, UnsafeFileName, Invalid.
    """
    boundary = request.mimetype_params.get("boundary", "").encode("ascii", "replace")
    if request.mimetype != FORM or not boundary:
        raise UnsupportedMediaType("Send the picture as the part `file` of a multipart/form-data form.")
    decoder = MultipartDecoder(boundary, max_parts=MAX_PARTS)
    file = await asyncio.to_thread(target.open, "xb")
    try:
        parts = _Parts(file, max_bytes)
        async for events in _events(request, decoder, max_bytes):
            await asyncio.to_thread(parts.take, events)
    except TooLarge:
        await _read_past(request)
        raise
    except (ValueError, HTTPException) as error:
        raise BadRequest("The multipart form is damaged or has too many parts: send one file in it.") from error
    finally:
        await asyncio.to_thread(file.close)
    if not parts.has_file:
        raise BadRequest("The form holds no file: add the picture as its part `file`.")
    return _form(parts.texts)


async def _events(request: Request, decoder: MultipartDecoder, max_bytes: int) -> AsyncIterator[list[Event]]:
    async for chunk in body_chunks(request, max_bytes + AROUND_BYTES):
        decoder.receive_data(chunk)
        yield _ready(decoder)
    decoder.receive_data(None)
    yield _ready(decoder)


async def _read_past(request: Request) -> None:
    """Read what is too large to its end, within reason: most clients see no answer while they are still sending."""
    passed = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(READ_PAST_S):
            async for chunk in request.body:
                passed += len(chunk)
                if passed > READ_PAST_BYTES:
                    return


def _ready(decoder: MultipartDecoder) -> list[Event]:
    events: list[Event] = []
    while not isinstance(event := decoder.next_event(), (NeedData, Epilogue)):
        events.append(event)
    return events


@dataclass
class _Parts:
    """Follows a form from part to part."""

    file: IO[bytes]
    max_bytes: int
    has_file: bool = False
    texts: dict[str, bytearray] = field(default_factory=dict)
    _name: str | None = None
    _file_bytes: int = 0

    def take(self, events: list[Event]) -> None:
        """Write what the decoder has ready to where it belongs; blocks."""
        for event in events:
            if isinstance(event, File):
                self._begin_file(event)
            elif isinstance(event, TextField):
                self._begin_text(event.name or "")
            elif isinstance(event, Data):
                self._add(event.data)

    def _begin_file(self, part: File) -> None:
        if part.name != "file" or self.has_file:
            raise Invalid.field(
                "body", (part.name or "")[:100], code="extra_forbidden", message="The form takes one file, as `file`."
            )
        name = part.filename or ""
        if "/" in name or "\\" in name or "\0" in name or name in (".", ".."):
            raise UnsafeFileName(
                "The file's name holds a path: send it with its bare name (names are never used for storing)."
            )
        self.has_file, self._name = True, None

    def _begin_text(self, name: str) -> None:
        if name not in MediaForm.model_fields or name in self.texts:
            message = f"Take it away: the form takes file, {', '.join(MediaForm.model_fields)}, each once."
            raise Invalid.field("body", name[:100], code="extra_forbidden", message=message)
        self.texts[name] = bytearray()
        self._name = name

    def _add(self, data: bytes | bytearray) -> None:
        if self._name is None:
            self._file_bytes += len(data)
            if self._file_bytes > self.max_bytes:
                raise TooLarge(f"A picture may have at most {self.max_bytes} bytes.")
            self.file.write(data)
            return
        self.texts[self._name] += data
        if len(self.texts[self._name]) > MAX_FIELD_BYTES:
            raise Invalid.field("body", self._name, code="string_too_long", message="The text is too long.")


def _form(texts: Mapping[str, bytes | bytearray]) -> MediaForm:
    values = {}
    for name, raw in texts.items():
        try:
            values[name] = bytes(raw).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Invalid.field("body", name, code="not_utf8", message="Text must be UTF-8.") from error
        if "\0" in values[name]:
            raise Invalid.field("body", name, code="nul_character", message="Text may not hold the NUL character.")
    form = validate(MediaForm, {name: value for name, value in values.items() if value or name == "alt"}, where="body")
    if (form.focal_x is None) != (form.focal_y is None):
        raise Invalid.field("body", "focal_x", code="missing", message="A focal point has both focal_x and focal_y.")
    return form
