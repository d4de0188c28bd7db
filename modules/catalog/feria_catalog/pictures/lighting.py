"""Lamps and candles."""

from __future__ import annotations

from feria_catalog.pictures.canvas import Canvas, curve, darker, ellipse, lighter, mirrored, mix, rounded

WARM = (255, 240, 200)
PAPER = (250, 246, 238)
METAL = (70, 72, 80)


def table_lamp(c: Canvas) -> None:
    """A table lamp with a shade."""
    c.glow(400, 320, 420, WARM)
    c.shadow(400, 664, 170, 26)
    c.shape(mirrored(curve((388, 400), (340, 470), (330, 560), (360, 632), (330, 656))), c.accent)
    c.shape(rounded(300, 640, 500, 668, 14), darker(c.accent, 0.2))
    c.shape([(310, 170), (490, 170), (590, 400), (210, 400)], c.base, light=0.3, shade=0.08)
    c.shape(ellipse(400, 400, 190, 20), lighter(WARM, 0.2))
    c.shape(ellipse(400, 170, 90, 10), lighter(c.base, 0.35))


def floor_lamp(c: Canvas) -> None:
    """A floor lamp with an arc."""
    c.glow(560, 300, 340, WARM)
    c.shadow(300, 700, 160, 20)
    c.line(curve((300, 690), (288, 420), (330, 180), (440, 120), (560, 190)), METAL, 12)
    c.shape(ellipse(300, 690, 110, 22), METAL)
    c.shape([*ellipse(560, 290, 130, 118, start=180, end=360), (690, 292), (430, 292)], c.base, light=0.2)
    c.shape(ellipse(560, 292, 130, 22), lighter(WARM, 0.3), across=False)


def pendant(c: Canvas) -> None:
    """A hanging lamp."""
    c.glow(400, 500, 460, WARM)
    c.line([(400, 0), (400, 260)], METAL, 6)
    c.shape(rounded(376, 236, 424, 290, 10), METAL)
    c.shape(mirrored(curve((376, 276), (280, 310), (200, 400), (170, 500))), c.base, light=0.24)
    c.shape(ellipse(400, 500, 230, 40), lighter(WARM, 0.2), across=False)
    c.shape(ellipse(400, 506, 60, 22), (255, 252, 240))


def candle(c: Canvas) -> None:
    """Three candles of different height."""
    c.glow(400, 250, 300, WARM, 0.6)
    c.shadow(400, 640, 230, 32)
    for x, top, width in ((300, 380, 78), (500, 330, 82), (400, 440, 92)):
        tone = mix(c.base, PAPER, 0.25 if x == 300 else 0.0)  # noqa: PLR2004 - the one at the left
        c.shape([(x - width, top), (x + width, top), *ellipse(x, 612, width, 26, start=0, end=180)], tone)
        c.shape(ellipse(x, top, width, 24), lighter(tone, 0.32), across=False)
        c.line([(x, top), (x, top - 26)], METAL, 5)
        c.shape(
            [
                *curve((x, top - 92), (x - 24, top - 44), (x, top - 18)),
                *curve((x, top - 18), (x + 24, top - 44), (x, top - 92)),
            ],
            (255, 196, 92),
            light=0.5,
        )


KINDS = {"table_lamp": table_lamp, "floor_lamp": floor_lamp, "pendant": pendant, "candle": candle}
