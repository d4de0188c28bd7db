"""How pictures are named: an original by the hash of its bytes, what is made of it after the original. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Widths that are ever made, in pixels; frontends choose among them with `?w=`.
WIDTHS = (160, 320, 640, 1280)
TYPES = {"webp": "image/webp", "avif": "image/avif", "png": "image/png", "jpg": "image/jpeg"}
# Originals are WebP since 0.2; png and jpg are taken for what was there before.
KEY = re.compile(r"[a-f0-9]{8,64}\.(?:webp|png|jpg)")
DIGEST_BYTES = 16
# A name behind a hash never means another picture.
FOREVER = "public, max-age=31536000, immutable"


def key_of(original: Path) -> str:
    """Return the key of a re-encoded original: the hash of its bytes."""
    with original.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=DIGEST_BYTES))
    return f"{digest.hexdigest()}.webp"


def scaled_key(key: str, width: int, kind: str) -> str:
    """Return where the picture `key` lies at `width`, as `kind` (webp, avif, png or jpg)."""
    return f"scaled/{key.partition('.')[0]}-{width}.{kind}"


def derived_keys(key: str) -> list[str]:
    """Return every name that anything made of the picture `key` can have."""
    return [scaled_key(key, width, kind) for width in WIDTHS for kind in TYPES]


def kind_of(key: str) -> str:
    """Return the kind that a key's ending names."""
    return key.rpartition(".")[2]


def url_of(key: str, width: int | None = None) -> str:
    """Return the path under which the picture is served."""
    return f"/media/{key}" if width is None else f"/media/{key}?w={width}"


def narrower(key: str, width: int) -> list[dict[str, str | int]]:
    """Return `{"url", "width"}` for each width below that of the picture, the narrowest first."""
    return [{"url": url_of(key, each), "width": each} for each in WIDTHS if each < width]


def focal_point(picture: Mapping[str, Any]) -> dict[str, float] | None:
    """Return `{"x", "y"}`, shares of width and height from the upper left corner, None where nobody chose one."""
    if picture["focal_x"] is None:
        return None
    return {"x": float(picture["focal_x"]), "y": float(picture["focal_y"])}
