"""A canvas of 800 x 800 units: soft background, smooth shapes with a little light from the left, one shadow."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter

Point = tuple[float, float]
Color = tuple[int, int, int]
Box = tuple[float, float, float, float]
Draw = Callable[[ImageDraw.ImageDraw, list[Point]], None]
SIZE = 800
# Outlines are drawn so much larger and scaled down, each in its own box: that is the anti-aliasing.
FINE = 3
SHADOW_SIZE = 200


def color(text: str) -> Color:
    """Return `#d9a066` as numbers."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mix(first: Color, second: Color, share: float) -> Color:
    """Return the colour between the two; a `share` of 1 is the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def lighter(base: Color, share: float = 0.2) -> Color:
    """Return the colour with white mixed in."""
    return mix(base, (255, 255, 255), share)


def darker(base: Color, share: float = 0.2) -> Color:
    """Return the colour with a warm black mixed in."""
    return mix(base, (30, 22, 28), share)


def ellipse(x: float, y: float, rx: float, ry: float, *, start: float = 0, end: float = 360) -> list[Point]:
    """Return points on the ellipse around (x, y), clockwise from `start` degrees (0 is to the right)."""
    steps = max(12, round((end - start) / 4))
    angles = (math.radians(start + (end - start) * step / steps) for step in range(steps + 1))
    return [(x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles]


def rounded(left: float, top: float, right: float, bottom: float, radius: float = 12) -> list[Point]:
    """Return a rectangle with round corners."""
    r = min(radius, (right - left) / 2, (bottom - top) / 2)
    return [
        *ellipse(right - r, top + r, r, r, start=270, end=360),
        *ellipse(right - r, bottom - r, r, r, start=0, end=90),
        *ellipse(left + r, bottom - r, r, r, start=90, end=180),
        *ellipse(left + r, top + r, r, r, start=180, end=270),
    ]


def curve(*points: Point, steps: int = 14) -> list[Point]:
    """Return a smooth open line through the points (Catmull-Rom)."""
    padded = [points[0], *points, points[-1]]
    line: list[Point] = []
    for before, a, b, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            line.append((_spline(before[0], a[0], b[0], after[0], t), _spline(before[1], a[1], b[1], after[1], t)))
    return [*line, points[-1]]


def mirrored(points: Sequence[Point], axis: float = 400) -> list[Point]:
    """Return the outline whose left half is given from top to bottom."""
    return [*points, *((2 * axis - x, y) for x, y in reversed(points))]


def turned(points: Sequence[Point], degrees: float, around: Point = (400, 400)) -> list[Point]:
    """Return the points turned clockwise."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    cx, cy = around
    return [(cx + (x - cx) * cosine - (y - cy) * sine, cy + (x - cx) * sine + (y - cy) * cosine) for x, y in points]


def _spline(p0: float, p1: float, p2: float, p3: float, t: float) -> float:
    return 0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)


@dataclass
class Canvas:
    """What a shape is drawn on; `base` is the colour of the thing, `chance` gives numbers from 0 to 1."""

    image: Image.Image
    base: Color
    accent: Color
    chance: Callable[[], float]

    def shape(
        self, points: Sequence[Point], fill: Color, *, light: float = 0.14, shade: float = 0.16, across: bool = True
    ) -> None:
        """Fill the outline, lighter at the left (or at the top) than at the other side."""
        left, top, mask = _mask(points, 0, lambda pen, fine: pen.polygon(fine, fill=255))
        self.image.paste(_ramp(lighter(fill, light), darker(fill, shade), mask.size, across=across), (left, top), mask)

    def flat(self, points: Sequence[Point], fill: Color) -> None:
        """Fill the outline with one colour."""
        left, top, mask = _mask(points, 0, lambda pen, fine: pen.polygon(fine, fill=255))
        self.image.paste(fill, (left, top, left + mask.width, top + mask.height), mask)

    def line(self, points: Sequence[Point], fill: Color, width: float) -> None:
        """Draw a line with round ends and joints."""

        def stroke(pen: ImageDraw.ImageDraw, fine: list[Point]) -> None:
            pen.line(fine, fill=255, width=round(width * FINE), joint="curve")
            radius = width * FINE / 2
            for x, y in (fine[0], fine[-1]):
                pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)

        left, top, mask = _mask(points, width, stroke)
        self.image.paste(fill, (left, top, left + mask.width, top + mask.height), mask)

    def shadow(self, x: float, y: float, rx: float, ry: float, strength: float = 0.34) -> None:
        """Darken the floor under the thing, softly."""
        self._cloud((x - rx, y - ry, x + rx, y + ry), max(8.0, ry * 0.55), (52, 40, 48), strength)

    def glow(self, x: float, y: float, radius: float, tint: Color, strength: float = 0.75) -> None:
        """Lighten the surroundings of a lamp."""
        half = radius / 2
        self._cloud((x - half, y - half, x + half, y + half), radius * 0.35, tint, strength)

    def _cloud(self, box: Box, blur: float, tint: Color, strength: float) -> None:
        """Lay a blurred ellipse over the image; blurred small and scaled up, which no eye can tell."""
        share = SHADOW_SIZE / SIZE
        reach = blur * 3
        left, top = (math.floor((edge - reach) * share) for edge in box[:2])
        right, bottom = (math.ceil((edge + reach) * share) for edge in box[2:])
        mask = Image.new("L", (right - left, bottom - top))
        inner = tuple(edge * share - (left, top)[index % 2] for index, edge in enumerate(box))
        ImageDraw.Draw(mask).ellipse(inner, fill=round(255 * strength))
        mask = mask.filter(ImageFilter.GaussianBlur(blur * share))
        scale = SIZE / SHADOW_SIZE
        size = (round(mask.width * scale), round(mask.height * scale))
        corner = (round(left * scale), round(top * scale))
        mask = mask.resize(size, Image.Resampling.BILINEAR)
        self.image.paste(Image.new("RGB", size, tint), corner, mask)


def backdrop(wall: Color) -> Image.Image:
    """Return a wall that is lightest behind the thing, above a floor of the same tint."""
    return _backdrop(wall).copy()


# Few walls, many pictures: each backdrop costs as much as all else in a picture.
@lru_cache(maxsize=8)
def _backdrop(wall: Color) -> Image.Image:
    size = 64
    small = Image.new("RGB", (size, size))
    pixels = []
    for y in range(size):
        floor = min(1.0, max(0.0, (y - size * 0.72) / (size * 0.05)))
        for x in range(size):
            distance = math.hypot(x - size * 0.46, y - size * 0.4) / size
            tone = lighter(wall, max(0.0, 0.5 - distance * 0.75))
            pixels.append(mix(tone, darker(mix(tone, wall, 0.6), 0.07 + 0.05 * (y / size)), floor) if floor else tone)
    small.putdata(pixels)
    return small.resize((SIZE, SIZE), Image.Resampling.BILINEAR)


def forget_backdrops() -> None:
    """Give the memory of the backdrops back, some 2.5 MB each."""
    _backdrop.cache_clear()


def _mask(points: Sequence[Point], margin: float, draw: Draw) -> tuple[int, int, Image.Image]:
    """Return where the drawn points begin, and their smooth mask."""
    left, top = math.floor(min(x for x, _ in points) - margin), math.floor(min(y for _, y in points) - margin)
    width = math.ceil(max(x for x, _ in points) + margin) - left + 1
    height = math.ceil(max(y for _, y in points) + margin) - top + 1
    large = Image.new("L", (width * FINE, height * FINE))
    draw(ImageDraw.Draw(large), [((x - left) * FINE, (y - top) * FINE) for x, y in points])
    return left, top, large.reduce(FINE)


def _ramp(first: Color, last: Color, size: tuple[int, int], *, across: bool) -> Image.Image:
    steps = 16
    ramp = Image.new("RGB", (steps, 1) if across else (1, steps))
    ramp.putdata([mix(first, last, step / (steps - 1)) for step in range(steps)])
    # Smooth along one axis, plain copies along the other: a third of the time of smoothing both.
    line = ramp.resize((size[0], 1) if across else (1, size[1]), Image.Resampling.BILINEAR)
    return line.resize(size, Image.Resampling.NEAREST)
