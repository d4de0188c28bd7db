"""Tables, chairs and what stands in rooms."""

from __future__ import annotations

from feria_catalog.pictures.canvas import Canvas, curve, darker, ellipse, lighter, mirrored, mix, rounded


def table(c: Canvas) -> None:
    """A table with four tapered legs."""
    c.shadow(400, 640, 300, 34)
    legs = darker(c.base, 0.18)
    for x, lean in ((235, 12), (565, -12)):
        c.shape([(x - 12, 380), (x + 12, 380), (x + 8 - lean, 600), (x - 8 - lean, 600)], darker(legs, 0.25))
    for x, lean in ((150, 18), (650, -18)):
        c.shape([(x - 18, 380), (x + 18, 380), (x + 10 - lean, 645), (x - 10 - lean, 645)], legs)
    c.shape([(170, 318), (630, 318), (720, 368), (80, 368)], lighter(c.base, 0.12), across=False, shade=0.02)
    c.shape(rounded(80, 364, 720, 392, 8), darker(c.base, 0.06))
    c.shape(rounded(140, 392, 660, 424, 4), darker(c.base, 0.24))


def chair(c: Canvas) -> None:
    """A chair with a curved back."""
    c.shadow(400, 668, 190, 28)
    wood = darker(c.accent, 0.05)
    for x, top, lean in ((290, 430, 10), (510, 430, -10)):
        c.shape([(x - 9, top), (x + 9, top), (x + 6 - lean, 630), (x - 6 - lean, 630)], darker(wood, 0.3))
    c.shape(mirrored(curve((290, 190), (268, 270), (286, 400), (320, 430))), c.base)
    c.shape(mirrored(curve((318, 220), (302, 290), (316, 372), (340, 396))), lighter(c.base, 0.14))
    c.shape(mirrored(curve((262, 428), (228, 450), (238, 482), (300, 490))), c.base, across=False)
    for x, lean in ((258, 24), (542, -24)):
        c.shape([(x - 13, 478), (x + 13, 478), (x + 7 - lean, 670), (x - 7 - lean, 670)], wood)


def sofa(c: Canvas) -> None:
    """A sofa with two cushions and short legs."""
    c.shadow(400, 628, 320, 30)
    for x in (150, 650):
        c.shape([(x - 14, 580), (x + 14, 580), (x + 8, 632), (x - 8, 632)], darker(c.accent, 0.2))
    c.shape(rounded(130, 290, 670, 560, 54), darker(c.base, 0.08))
    c.shape(rounded(150, 312, 396, 470, 36), c.base)
    c.shape(rounded(404, 312, 650, 470, 36), c.base)
    c.shape(rounded(140, 440, 398, 540, 30), lighter(c.base, 0.14), across=False)
    c.shape(rounded(402, 440, 660, 540, 30), lighter(c.base, 0.14), across=False)
    c.shape(rounded(120, 522, 680, 592, 22), darker(c.base, 0.1))
    c.shape(rounded(82, 380, 170, 594, 40), c.base)
    c.shape(rounded(630, 380, 718, 594, 40), c.base)


def shelf(c: Canvas) -> None:
    """A shelf with books and a pot."""
    c.shadow(400, 690, 230, 22)
    c.shape(rounded(196, 130, 604, 690, 8), darker(c.base, 0.1))
    for row in range(4):
        top = 150 + row * 134
        c.shape([(216, top), (584, top), (584, top + 112), (216, top + 112)], darker(c.base, 0.42), across=False)
        c.shape([(196, top + 112), (604, top + 112), (604, top + 128), (196, top + 128)], lighter(c.base, 0.12))
    _books(c, 232, 262, 7)
    _books(c, 330, 396, 9)
    _books(c, 228, 530, 5)
    c.shape([(470, 214), (540, 214), (528, 262), (482, 262)], lighter(c.accent, 0.3))
    for tip in ((462, 168), (504, 152), (548, 172)):
        c.shape([(496, 216), *curve((490, 190), tip), *curve(tip, (516, 190), (514, 216))], (98, 140, 104))
    c.shape(rounded(400, 448, 540, 530, 10), mix(c.accent, (240, 226, 204), 0.45))
    c.shape(rounded(236, 590, 564, 664, 8), lighter(c.base, 0.2))


def desk(c: Canvas) -> None:
    """A writing desk with two drawers."""
    c.shadow(400, 652, 300, 28)
    for x in (128, 672):
        c.shape([(x - 12, 400), (x + 12, 400), (x + 9, 652), (x - 9, 652)], darker(c.accent, 0.15))
    c.shape([(150, 330), (650, 330), (712, 366), (88, 366)], lighter(c.base, 0.2), across=False, shade=0.02)
    c.shape(rounded(88, 362, 712, 388, 6), c.base)
    c.shape(rounded(112, 388, 688, 470, 6), darker(c.base, 0.14))
    for left in (126, 408):
        c.shape(rounded(left, 400, left + 266, 458, 6), lighter(c.base, 0.06))
        c.flat(ellipse(left + 133, 428, 9, 9), darker(c.accent, 0.35))
    c.shape(rounded(470, 240, 640, 336, 8), (62, 64, 74))
    c.flat(rounded(480, 250, 630, 326, 4), (150, 178, 190))
    c.shape([(545, 334), (565, 334), (580, 352), (530, 352)], (62, 64, 74))


def bed(c: Canvas) -> None:
    """A bed seen from its foot."""
    c.shadow(400, 640, 330, 28)
    c.shape(rounded(120, 210, 680, 520, 36), darker(c.accent, 0.05))
    c.shape(rounded(150, 330, 390, 440, 44), (248, 244, 238), shade=0.08)
    c.shape(rounded(410, 330, 650, 440, 44), (248, 244, 238), shade=0.08)
    c.shape(mirrored(curve((140, 420), (110, 470), (100, 600))), c.base, across=False)
    c.shape(mirrored(curve((138, 418), (124, 452), (122, 480))), lighter(c.base, 0.35), across=False)
    c.shape(rounded(90, 588, 710, 632, 12), darker(c.accent, 0.2))


def stool(c: Canvas) -> None:
    """A round stool."""
    c.shadow(400, 660, 180, 26)
    for x, lean, y in ((330, 22, 630), (470, -22, 630)):
        c.shape([(x - 9, 400), (x + 9, 400), (x + 6 - lean, y), (x - 6 - lean, y)], darker(c.base, 0.42))
    for x, lean in ((282, 40), (518, -40)):
        c.shape([(x - 14, 390), (x + 14, 390), (x + 9 - lean, 662), (x - 9 - lean, 662)], darker(c.base, 0.16))
    c.line([(262, 550), (538, 550)], darker(c.base, 0.24), 12)
    c.shape([*ellipse(400, 392, 170, 42, start=0, end=180), (230, 366), (570, 366)], darker(c.base, 0.12))
    c.shape(ellipse(400, 364, 170, 42), lighter(c.base, 0.18), across=False)


def mirror(c: Canvas) -> None:
    """A round wall mirror."""
    c.shadow(416, 424, 238, 238, 0.26)
    c.shape(ellipse(400, 390, 240, 240), c.base)
    c.shape(ellipse(400, 390, 214, 214), (206, 220, 226), light=0.5, shade=0.14)
    c.flat([(300, 240), (352, 206), (250, 500), (216, 440)], (232, 240, 243))
    c.flat([(400, 190), (424, 192), (300, 566), (276, 552)], (226, 236, 240))


def _books(c: Canvas, left: float, bottom: float, count: int) -> None:
    tones = ((190, 98, 82), (222, 184, 118), (90, 122, 138), (236, 226, 208), (112, 140, 112), (150, 110, 140))
    x = left
    for _ in range(count):
        width, height = 12 + c.chance() * 10, 70 + c.chance() * 30
        tone = tones[int(c.chance() * len(tones))]
        c.shape(rounded(x, bottom - height, x + width, bottom, 3), tone)
        x += width + 2


KINDS = {
    "table": table,
    "chair": chair,
    "sofa": sofa,
    "shelf": shelf,
    "desk": desk,
    "bed": bed,
    "stool": stool,
    "mirror": mirror,
}
