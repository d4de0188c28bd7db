"""Cushions, blankets and what hangs or lies in rooms."""

from __future__ import annotations

from feria_catalog.pictures.canvas import Canvas, curve, darker, ellipse, lighter, mirrored, rounded

METAL = (70, 72, 80)


def cushion(c: Canvas) -> None:
    """A cushion with stripes."""
    c.shadow(400, 640, 260, 34)
    outline = curve(
        (170, 190), (400, 222), (630, 190), (600, 410), (634, 640), (400, 612), (166, 640), (200, 410), (170, 190)
    )
    c.shape(outline, c.base)
    for x in (290, 400, 510):
        c.line(curve((x - 6, 216), (x, 410), (x - 4, 614)), lighter(c.accent, 0.25), 20)
    for x, y in ((170, 190), (630, 190), (634, 640), (166, 640)):
        c.shape(ellipse(x, y, 16, 16), c.accent)


def blanket(c: Canvas) -> None:
    """A folded blanket with fringes."""
    c.shadow(400, 612, 280, 34)
    for step, share in enumerate((0.2, 0.1, 0.0)):
        top = 500 - step * 78
        c.shape(rounded(150 + step * 4, top, 650 - step * 4, top + 100, 44), darker(c.base, share), across=False)
        c.line([(196, top + 84), (604, top + 84)], darker(c.base, 0.3), 3)
    for x in (330, 470):
        c.shape([(x - 24, 346), (x + 24, 346), (x + 24, 440), (x - 24, 440)], lighter(c.accent, 0.2), across=False)
    for step in range(12):
        x = 216 + step * 33
        c.line([(x, 594), (x - 3, 628)], lighter(c.base, 0.2), 6)


def towel(c: Canvas) -> None:
    """Towels rolled up and stacked."""
    c.shadow(400, 610, 280, 34)
    for x, y, share in ((270, 520, 0.0), (530, 520, 0.14), (400, 360, 0.24)):
        tone = lighter(c.base, share)
        c.shape(ellipse(x, y, 126, 92), tone)
        for ring in (0.76, 0.52, 0.28):
            c.line(ellipse(x, y, 126 * ring, 92 * ring, start=20, end=340), darker(tone, 0.2), 5)


def rug(c: Canvas) -> None:
    """A rug on the floor, with a border."""
    c.shadow(400, 590, 340, 40, 0.22)
    c.shape([(210, 330), (590, 330), (740, 590), (60, 590)], c.base, across=False)
    c.shape([(232, 350), (568, 350), (694, 568), (106, 568)], lighter(c.accent, 0.18), across=False)
    c.shape([(250, 366), (550, 366), (660, 550), (140, 550)], c.base, across=False, light=0.2)
    for y, half in ((410, 120), (458, 140), (510, 160)):
        for side in (-1, 0, 1):
            x = 400 + side * half
            c.flat([(x, y - 18), (x + 40, y), (x, y + 18), (x - 40, y)], lighter(c.accent, 0.3))
    for fringe in range(28):
        left = 70 + fringe * 24.4
        c.line([(left, 592), (left, 612)], lighter(c.base, 0.35), 4)


def curtain(c: Canvas) -> None:
    """A pair of curtains on a rod."""
    c.shape(rounded(210, 190, 590, 640, 6), (222, 234, 240), light=0.5)
    c.line([(400, 190), (400, 640)], (250, 250, 250), 10)
    c.line([(210, 410), (590, 410)], (250, 250, 250), 10)
    for start, step in ((110, 1), (690, -1)):
        for fold in range(5):
            left = start + step * fold * 40
            foot = [(left + step * (50 - fold * 3), 690), (left - step * fold * 3, 690)]
            c.shape([(left, 160), (left + step * 44, 160), *foot], c.base if fold % 2 else darker(c.base, 0.1))
    c.line([(80, 152), (720, 152)], METAL, 14)


def apron(c: Canvas) -> None:
    """An apron with a pocket."""
    c.shadow(420, 420, 220, 280, 0.2)
    c.line(curve((320, 210), (330, 110), (400, 84), (470, 110), (480, 210)), darker(c.accent, 0.1), 12)
    c.line(curve((214, 430), (150, 470), (140, 540)), darker(c.accent, 0.1), 10)
    c.line(curve((586, 430), (650, 470), (660, 540)), darker(c.accent, 0.1), 10)
    c.shape(mirrored([(306, 196), *curve((306, 196), (296, 320), (210, 410)), (200, 690), (210, 704)]), c.base)
    c.shape(rounded(300, 470, 500, 610, 18), lighter(c.base, 0.16))
    c.line([(304, 496), (496, 496)], lighter(c.accent, 0.2), 6)


KINDS = {"cushion": cushion, "blanket": blanket, "towel": towel, "rug": rug, "curtain": curtain, "apron": apron}
