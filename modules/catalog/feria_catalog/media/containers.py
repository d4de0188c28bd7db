"""Where a picture's file ends, and how large it claims to be, read from its bytes alone. Pure.

A file that goes on after its picture is two files in one (a zip behind a PNG, a page behind a JPEG): such files are
refused. What may stand *inside* a picture, in comments and profiles, is left behind when it is encoded anew.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import error as StructError  # noqa: N812 - an exception
from struct import unpack_from

AVIF_BOXES = frozenset((b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip"))
AVIF_BRANDS = frozenset((b"avif", b"avis"))
# A GIF of this width reads as the beginning of a JavaScript comment.
COMMENT_WIDTH = b"/*"
_PNG = b"\x89PNG\r\n\x1a\n"
_ACTIVE = (b"<script", b"<html", b"<!doctype", b"<?php", b"<svg ", b"<iframe", b"javascript:")


class Broken(Exception):
    """The file ends before its picture does, or its parts do not fit."""


def kind_of(data: bytes) -> str | None:
    """Return JPEG, PNG, GIF, WEBP or AVIF after the file's first bytes, None for everything else."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(_PNG):
        return "PNG"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in AVIF_BRANDS:
        return "AVIF"
    return None


def is_picture_only(data: bytes, kind: str) -> bool:
    """Return whether nothing follows the picture and nothing in the file is a page or a program.

    Padding with NUL is no content. Raises Broken where the picture's end is not in the file.
    """
    try:
        end = _ENDS[kind](data)
    except (StructError, IndexError) as error:
        raise Broken("the file ends in the middle of a part") from error
    if end > len(data):
        raise Broken("the file ends before its picture")
    if data[end:].strip(b"\0") or (kind == "GIF" and data[6:8] == COMMENT_WIDTH):
        return False
    lower = data.lower()
    return not any(mark in lower for mark in _ACTIVE)


def webp_size(data: bytes) -> tuple[int, int] | None:
    """Return the width and height of a WebP's canvas: its decoder would hold all of it before it could be asked."""
    chunk = data[12:16]
    if chunk == b"VP8X" and len(data) >= 30:  # noqa: PLR2004 - the header's length
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if chunk == b"VP8L" and len(data) >= 25:  # noqa: PLR2004
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 " and len(data) >= 30:  # noqa: PLR2004
        width, height = unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg_end(data: bytes) -> int:
    """Return where the last of the JPEGs ends: cameras put a preview or a depth map as a further one behind."""
    end = 0
    while data[end : end + 3] == b"\xff\xd8\xff":
        end = _one_jpeg(data, end + 2)
        following = end
        while following < len(data) and data[following] == 0:
            following += 1
        if data[following : following + 3] != b"\xff\xd8\xff":
            return end
        end = following
    return end


def _one_jpeg(data: bytes, at: int) -> int:
    """Follow the segments from `at`, the first after the start of the image, to the end of it."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0:
            raise Broken("the JPEG has no end")
        while data[at] == 0xFF:  # noqa: PLR2004 - fill bytes
            at += 1
        marker = data[at]
        at += 1
        if marker == 0xD9:  # noqa: PLR2004 - the end of the image
            return at
        # Inside of the coded picture: a stuffed zero or a restart; no length follows.
        if marker == 0 or 0xD0 <= marker <= 0xD7 or marker == 1:  # noqa: PLR2004
            continue
        at += unpack_from(">H", data, at)[0]


def _png_end(data: bytes) -> int:
    at = len(_PNG)
    while True:
        length = unpack_from(">I", data, at)[0]
        name = data[at + 4 : at + 8]
        at += 12 + length
        if name == b"IEND":
            return int(at)
        if at > len(data):
            raise Broken("a part of the PNG is longer than the file")


def _gif_end(data: bytes) -> int:
    flags = data[10]
    at = 13 + _color_table(flags)
    while True:
        block = data[at]
        at += 1
        if block == 0x3B:  # noqa: PLR2004 - the trailer
            return at
        if block == 0x2C:  # noqa: PLR2004 - an image: descriptor, colours, the size of its codes
            at += 9 + _color_table(data[at + 8]) + 1
        elif block == 0x21:  # noqa: PLR2004 - an extension and its label
            at += 1
        else:
            raise Broken("a block of the GIF is of no known kind")
        while length := data[at]:
            at += 1 + length
        at += 1


def _color_table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _webp_end(data: bytes) -> int:
    size: int = unpack_from("<I", data, 4)[0]
    return 8 + size + (size & 1) if len(data) > 8 + size else 8 + size


def _avif_end(data: bytes) -> int:
    at = 0
    while at < len(data):
        if not data[at:].strip(b"\0"):
            return at
        size: int = unpack_from(">I", data, at)[0]
        if data[at + 4 : at + 8] not in AVIF_BOXES:
            return at
        if size == 1:
            size = unpack_from(">Q", data, at + 8)[0]
        if size == 0:
            return len(data)
        if size < 8:  # noqa: PLR2004 - a box's own header
            raise Broken("a box of the AVIF is shorter than its header")
        at += size
    return at


_ENDS: dict[str, Callable[[bytes], int]] = {
    "JPEG": _jpeg_end, "PNG": _png_end, "GIF": _gif_end, "WEBP": _webp_end, "AVIF": _avif_end,
}  # fmt: skip
