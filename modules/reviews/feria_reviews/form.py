"""The one file of a multipart form, within bounds."""

from __future__ import annotations

from quart import Request
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.multipart import Data, Epilogue, File, MultipartDecoder, NeedData
from werkzeug.sansio.multipart import Field as TextField

from feria_core.errors import BadRequest, Invalid
from feria_core.http.bodies import TooLarge, UnsupportedMediaType, read_body

_FORM = "multipart/form-data"
_MAX_PARTS = 5
# What a form adds to the file in it.
_AROUND_BYTES = 16 * 1024


async def file_of(request: Request, *, max_bytes: int) -> bytes:
    """Return the content of the form's part `file`.

    Raises UnsupportedMediaType for another body than a form, BadRequest for a damaged form or one without a file,
    Invalid for another part, TooLarge.
    """
    boundary = request.mimetype_params.get("boundary", "").encode("ascii", "replace")
    if request.mimetype != _FORM or not boundary:
        raise UnsupportedMediaType("Send the picture as the part `file` of a multipart/form-data form.")
    raw = await read_body(request, max_bytes + _AROUND_BYTES)
    try:
        data = _file(raw, boundary)
    except (ValueError, HTTPException) as error:
        raise BadRequest("The multipart form is damaged or has too many parts: send one file in it.") from error
    if data is None:
        raise BadRequest("The form holds no file: add the picture as its part `file`.")
    if len(data) > max_bytes:
        raise TooLarge(f"A photo may have at most {max_bytes} bytes.")
    return data


def _file(raw: bytes, boundary: bytes) -> bytes | None:
    decoder = MultipartDecoder(boundary, max_parts=_MAX_PARTS)
    decoder.receive_data(raw)
    decoder.receive_data(None)
    found: bytearray | None = None
    while not isinstance(event := decoder.next_event(), (NeedData, Epilogue)):
        if isinstance(event, (File, TextField)):
            if event.name != "file" or isinstance(event, TextField) or found is not None:
                name = (event.name or "")[:100]
                raise Invalid.field("body", name, code="extra_forbidden", message="The form takes one file, as `file`.")
            found = bytearray()
        elif isinstance(event, Data) and found is not None:
            found += event.data
    return bytes(found) if found is not None else None
