"""From a kind and a colour to a stored picture."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from feria_catalog.domain import MediaInput
from feria_catalog.pictures import furniture, garden, kitchen, lighting, paper, textiles
from feria_catalog.pictures.canvas import SIZE, Canvas, backdrop, color, forget_backdrops

KINDS: dict[str, Callable[[Canvas], None]] = {
    name: draw
    for subject in (furniture, kitchen, lighting, textiles, garden, paper)
    for name, draw in subject.KINDS.items()
}
WALLS = ("#e9dfd3", "#dfe6e2", "#e6dde4", "#dde4ec", "#efe3cf", "#e3e6d8", "#ecdcd6", "#dbe5e6")
ACCENTS = ("#c98a5b", "#8a6a52", "#d8b878", "#6f8a86", "#b86f5c", "#54606e", "#a58a6a", "#7f8f6b")
QUALITY = 76
KEY_LENGTH = 16
# Pillow works outside of the interpreter's lock for most of a picture.
THREADS = 2


def draw_webp(kind: str, base: str, seed: str) -> bytes:
    """Return a WebP of 800 x 800 showing a thing of `kind` in the colour `base` (`#rrggbb`).

    `seed` chooses backdrop and details. Raises KeyError for an unknown kind.
    """
    chance = random.Random(seed)  # noqa: S311 - picks colours, guards nothing
    wall, accent = color(chance.choice(WALLS)), color(chance.choice(ACCENTS))
    canvas = Canvas(backdrop(wall), color(base), accent, chance.random)
    KINDS[kind](canvas)
    packed = io.BytesIO()
    canvas.image.save(packed, "WEBP", quality=QUALITY, method=1)
    return packed.getvalue()


@dataclass(frozen=True)
class Motif:
    """What a picture shows: a kind of thing, its colour as `#rrggbb`, its name; `seed` tells it from others alike."""

    kind: str
    base: str
    seed: str
    alt: str


def draw_all(motifs: Sequence[Motif], folder: Path) -> list[MediaInput]:
    """Draw the pictures into `folder`, named by their content; return what products need to show them. Blocks."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with ThreadPoolExecutor(max_workers=THREADS) as threads:
            return list(threads.map(lambda motif: _stored(motif, folder), motifs))
    finally:
        forget_backdrops()


def _stored(motif: Motif, folder: Path) -> MediaInput:
    data = draw_webp(motif.kind, motif.base, motif.seed)
    key = f"{hashlib.sha256(data).hexdigest()[:KEY_LENGTH]}.webp"
    path = folder / key
    if not path.exists():
        path.write_bytes(data)
    return MediaInput(key, motif.alt, SIZE, SIZE)
