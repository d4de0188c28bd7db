"""Taking an upload: its bytes go to a file as they come, raw or from the file part of a form."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from quart import Request
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from feria_catalog.importing.limits import UPLOAD_BYTES
from feria_core.errors import BadRequest
from feria_core.http.bodies import UnsupportedMediaType, body_chunks

FORM = "multipart/form-data"
RAW = (
    "text/csv", "text/plain", "application/x-ndjson", "application/ndjson", "application/jsonl",
    "application/x-jsonlines", "application/gzip", "application/x-gzip", "application/octet-stream",
)  # fmt: skip
MAX_PARTS = 20


async def receive(request: Request, path: Path) -> None:
    """Write the uploaded file to `path`.

    Raises UnsupportedMediaType, BadRequest for a form without a file, TooLarge past 256 MiB; then no file is left.
    """
    if request.mimetype == FORM:
        pieces = _file_part(request)
    elif request.mimetype in RAW:
        pieces = body_chunks(request, UPLOAD_BYTES)
    else:
        raise UnsupportedMediaType(
            "Send the file as text/csv or application/x-ndjson, or as the file of a multipart/form-data form."
        )
    try:
        with await asyncio.to_thread(path.open, "xb") as file:
            async for piece in pieces:
                await asyncio.to_thread(file.write, piece)
    except BaseException:
        await asyncio.to_thread(path.unlink, missing_ok=True)
        raise


async def _file_part(request: Request) -> AsyncIterator[bytes]:
    """Give the content of the first file of the form; other parts are read past."""
    boundary = request.mimetype_params.get("boundary", "").encode("ascii", "replace")
    if not boundary:
        raise BadRequest("The multipart form names no boundary in its Content-Type.")
    decoder = MultipartDecoder(boundary, max_parts=MAX_PARTS)
    state = _Parts()
    try:
        async for chunk in body_chunks(request, UPLOAD_BYTES):
            decoder.receive_data(chunk)
            for piece in state.pieces(decoder):
                yield piece
        decoder.receive_data(None)
        for piece in state.pieces(decoder):
            yield piece
    except (ValueError, HTTPException) as error:
        raise BadRequest("The multipart form is damaged or has too many parts: send one file in it.") from error
    if not state.found:
        raise BadRequest("The form holds no file: add the CSV or JSON Lines file as its part `file`.")


class _Parts:
    """Follows a form from part to part."""

    def __init__(self) -> None:
        self.found = False
        self._inside = False

    def pieces(self, decoder: MultipartDecoder) -> list[bytes]:
        """Return what the decoder has ready of the file."""
        ready: list[bytes] = []
        while not isinstance(event := decoder.next_event(), (NeedData, Epilogue)):
            if isinstance(event, (File, Field)):
                self._inside = isinstance(event, File) and not self.found
                self.found = self.found or self._inside
            elif isinstance(event, Data) and self._inside:
                ready.append(bytes(event.data))
        return ready
