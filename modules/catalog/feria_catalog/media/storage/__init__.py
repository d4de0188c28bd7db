"""Where the files of pictures lie: a disk or a bucket, behind one protocol."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

# Each separator has a letter or digit after it: no "..", no "//", nothing that begins with a dot or a slash.
_NAME = re.compile(r"[a-z0-9]+(?:[._/-][a-z0-9]+)*")
LONGEST = 200


@dataclass(frozen=True)
class Stored:
    """A stored file: its size in bytes, and its content, to be read once."""

    size: int
    chunks: AsyncIterator[bytes]

    async def read(self) -> bytes:
        """Return the whole content."""
        return b"".join([chunk async for chunk in self.chunks])


class Storage(Protocol):
    """Files by key (`ab12.webp`, `scaled/ab12-320.webp`). All methods raise ValueError for what is no key, and
    StorageUnavailable where disk or bucket fail.
    """

    async def put(self, key: str, source: Path, *, content_type: str) -> None:
        """Store a copy of `source`, whole or not at all; a file of that key is replaced."""
        ...

    async def get(self, key: str) -> Stored | None:
        """Return the file, or None where there is none."""
        ...

    async def size(self, key: str) -> int | None:
        """Return the file's size in bytes, or None where there is none."""
        ...

    async def delete(self, key: str) -> None:
        """Remove the file; nothing happens where there is none."""
        ...

    def keys(self, prefix: str = "") -> AsyncIterator[str]:
        """Give the keys of all files below the folder `prefix`, in any order."""
        ...

    async def tidy(self) -> None:
        """Remove what broken-off writes of a day ago have left."""
        ...


def checked(key: str) -> str:
    """Return `key`. Raises ValueError for one that could lead elsewhere."""
    if len(key) > LONGEST or not _NAME.fullmatch(key):
        raise ValueError(f"{key[:LONGEST]!r} is no key of a stored file")
    return key
