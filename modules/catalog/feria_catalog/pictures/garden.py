"""Plants, pots and tools."""

from __future__ import annotations

from feria_catalog.pictures.canvas import Canvas, curve, darker, ellipse, lighter, mix, rounded, turned

LEAF = (96, 142, 102)
METAL = (70, 72, 80)


def plant(c: Canvas) -> None:
    """A plant with broad leaves in a pot."""
    c.shadow(400, 664, 170, 26)
    for tip, bend in (
        ((190, 250), -60),
        ((610, 250), 60),
        ((280, 150), -30),
        ((520, 150), 30),
        ((400, 110), 0),
        ((160, 390), -50),
        ((640, 390), 50),
    ):
        middle = ((400 + tip[0]) / 2 + bend, (480 + tip[1]) / 2 - 30)
        tone = mix(LEAF, (60, 110, 84), c.chance())
        c.line(curve((400, 500), middle, tip), darker(tone, 0.2), 6)
        side = ((middle[0] + tip[0]) / 2, (middle[1] + tip[1]) / 2)
        c.shape(
            [*curve(middle, (side[0] - 44, side[1] - 16), tip), *curve(tip, (side[0] + 44, side[1] + 16), middle)], tone
        )
    c.shape([(276, 480), (524, 480), (488, 662), (312, 662)], c.base)
    c.shape(rounded(262, 462, 538, 508, 10), lighter(c.base, 0.1))


def planter(c: Canvas) -> None:
    """Empty pots in a row."""
    c.shadow(400, 610, 290, 34)
    for x, top, half in ((210, 430, 84), (590, 400, 96), (400, 340, 124)):
        tone = c.base if x == 400 else mix(c.base, c.accent, 0.35)  # noqa: PLR2004 - the one in the middle
        c.shape([(x - half, top), (x + half, top), (x + half * 0.72, 606), (x - half * 0.72, 606)], tone)
        c.shape(rounded(x - half - 10, top - 20, x + half + 10, top + 26, 10), lighter(tone, 0.1))
        c.shape(ellipse(x, top - 18, half + 2, 12), darker(tone, 0.45), across=False)


def watering_can(c: Canvas) -> None:
    """A watering can with a long spout."""
    c.shadow(400, 626, 260, 30)
    c.line(curve((500, 400), (640, 350), (660, 500), (540, 560)), darker(c.base, 0.2), 22)
    c.line(curve((300, 360), (340, 220), (470, 220), (500, 360)), darker(c.base, 0.2), 20)
    c.shape([(290, 560), (290, 500), (130, 270), (108, 284)], darker(c.base, 0.12))
    c.shape([(150, 246), (172, 262), (104, 324), (84, 306)], darker(c.base, 0.05))
    c.shape([(270, 360), (530, 360), *ellipse(400, 606, 150, 24, start=0, end=180)], c.base)
    c.shape(ellipse(400, 360, 130, 24), darker(c.base, 0.35), across=False)


def tools(c: Canvas) -> None:
    """A trowel and a hand fork."""
    c.shadow(414, 420, 190, 280, 0.2)
    for x, lean in ((300, -7), (500, 7)):
        pivot = (x, 420)
        c.shape(turned(rounded(x - 24, 440, x + 24, 690, 24), lean, pivot), c.base)
        c.shape(turned(rounded(x - 9, 330, x + 9, 450, 6), lean, pivot), METAL)
    blade = [
        *curve((300, 100), (240, 190), (236, 300), (270, 350)),
        *curve((330, 350), (364, 300), (360, 190), (300, 100)),
    ]
    c.shape(turned(blade, -7, (300, 420)), (170, 176, 182), light=0.4)
    for x in (446, 500, 554):
        c.shape(turned(rounded(x - 9, 120, x + 9, 320, 9), 7, (500, 420)), (170, 176, 182), light=0.4)
    c.shape(turned(rounded(437, 300, 563, 344, 16), 7, (500, 420)), (170, 176, 182), light=0.4)


def basket(c: Canvas) -> None:
    """A woven basket with handles."""
    c.shadow(400, 640, 230, 32)
    c.line(curve((230, 370), (260, 230), (400, 190), (540, 230), (570, 370)), darker(c.base, 0.2), 20)
    c.shape(
        [
            (190, 360),
            (610, 360),
            *curve((600, 420), (570, 600), (530, 640)),
            *curve((270, 640), (230, 600), (200, 420)),
        ],
        c.base,
    )
    for row in range(6):
        y = 400 + row * 42
        inset = (y - 360) * 0.2
        for step in range(8):
            width = (420 - 2 * inset) / 8
            left = 190 + inset + step * width
            tone = lighter(c.base, 0.16) if (row + step) % 2 else darker(c.base, 0.08)
            c.shape(rounded(left + 3, y - 15, left + width - 3, y + 15, 12), tone)
    c.shape(rounded(176, 340, 624, 384, 20), darker(c.base, 0.1))


KINDS = {"plant": plant, "planter": planter, "watering_can": watering_can, "tools": tools, "basket": basket}
