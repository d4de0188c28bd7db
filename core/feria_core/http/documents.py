"""The document of a problem (RFC 9457), by whoever answers it: the application, or what stands before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

PROBLEM = "application/problem+json"


def document_of(
    status: int, code: str, title: str, detail: str, request_id: str, members: Mapping[str, Any] | None = None
) -> bytes:
    """Return the document as JSON, with `members` beside the ones that every problem has."""
    document = {
        "type": f"/docs/errors#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "instance": request_id,
        **(members or {}),
    }
    return orjson.dumps(document, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
