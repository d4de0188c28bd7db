"""Notebooks, books, clocks and vases."""

from __future__ import annotations

from feria_catalog.pictures.canvas import Canvas, curve, darker, ellipse, lighter, mirrored, mix, rounded, turned

PAPER = (250, 246, 238)
METAL = (70, 72, 80)


def notebook(c: Canvas) -> None:
    """A notebook with a ribbon."""
    c.shadow(410, 650, 200, 26)
    c.shape(turned(rounded(226, 150, 596, 650, 14), -5), PAPER)
    c.shape(turned(rounded(214, 142, 580, 644, 16), -5), c.base)
    c.shape(turned(rounded(214, 142, 262, 644, 14), -5), darker(c.base, 0.2))
    c.shape(turned(rounded(330, 250, 520, 340, 8), -5), PAPER, shade=0.06)
    c.line(turned([(356, 282), (494, 282)], -5), darker(c.accent, 0.1), 5)
    c.line(turned([(356, 308), (450, 308)], -5), darker(c.accent, 0.1), 5)
    c.shape(turned([(536, 142), (552, 142), (552, 690), (544, 676), (536, 690)], -5), c.accent)


def book(c: Canvas) -> None:
    """A stack of books with one standing."""
    c.shadow(400, 650, 260, 28)
    for top, left, right, tone in (
        (580, 170, 640, c.accent),
        (520, 190, 620, lighter(c.base, 0.3)),
        (462, 178, 600, darker(c.base, 0.1)),
    ):
        c.shape(rounded(left + 14, top + 8, right - 4, top + 50, 4), PAPER)
        c.shape(rounded(left, top, right, top + 12, 6), tone)
        c.shape(rounded(left, top + 46, right, top + 58, 6), darker(tone, 0.1))
        c.shape(rounded(left, top, left + 22, top + 58, 8), darker(tone, 0.05))
    c.shape(turned(rounded(300, 160, 520, 460, 10), 4), c.base)
    c.shape(turned(rounded(336, 210, 484, 290, 6), 4), lighter(c.accent, 0.4))


def pen(c: Canvas) -> None:
    """A fountain pen and a pencil."""
    c.shadow(420, 450, 290, 60, 0.22)
    for y, tone in ((360, c.base), (470, c.accent)):
        c.shape(turned(rounded(200, y - 22, 660, y + 22, 20), -14), tone, across=False, light=0.3)
        c.shape(
            turned([(204, y - 20), (130, y), (204, y + 20)], -14),
            (232, 206, 166) if tone == c.accent else (206, 208, 214),
            across=False,
        )
        c.flat(turned([(152, y - 6), (120, y), (152, y + 6)], -14), METAL)
        c.shape(turned(rounded(470, y - 25, 496, y + 25, 6), -14), lighter(tone, 0.4), across=False)


def cards(c: Canvas) -> None:
    """Greeting cards, fanned out, with an envelope."""
    c.shadow(410, 610, 260, 40)
    c.shape(rounded(180, 380, 620, 640, 10), mix(c.accent, PAPER, 0.55))
    for angle, tone in ((-16, lighter(c.base, 0.35)), (2, c.base), (18, lighter(c.accent, 0.2))):
        c.shape(turned(rounded(290, 170, 510, 480, 10), angle, (400, 560)), tone)
        c.flat(turned(ellipse(400, 290, 46, 46), angle, (400, 560)), lighter(tone, 0.55))
        c.line(turned([(356, 390), (444, 390)], angle, (400, 560)), lighter(tone, 0.55), 7)
    c.shape([(180, 400), (400, 530), (620, 400), (620, 640), (180, 640)], mix(c.accent, PAPER, 0.7), across=False)
    c.line([(182, 638), (400, 520), (618, 638)], mix(c.accent, PAPER, 0.35), 4)


def clock(c: Canvas) -> None:
    """A wall clock."""
    c.shadow(414, 424, 236, 236, 0.26)
    c.shape(ellipse(400, 400, 236, 236), c.base)
    c.shape(ellipse(400, 400, 204, 204), PAPER, shade=0.06)
    for step in range(12):
        inner = 164 if step % 3 == 0 else 178
        c.line(turned([(400, 400 - inner), (400, 212)], step * 30), darker(c.base, 0.2), 10 if step % 3 == 0 else 5)
    c.line(turned([(400, 420), (400, 290)], -54), METAL, 13)
    c.line(turned([(400, 430), (400, 244)], 62), METAL, 8)
    c.flat(ellipse(400, 400, 14, 14), c.accent)


def vase(c: Canvas) -> None:
    """A vase with dried grasses."""
    c.shadow(400, 664, 160, 26)
    for tip in (250, 330, 400, 480, 560):
        c.line(curve((400, 380), ((400 + tip) / 2, 260), (tip, 120 + abs(tip - 400) * 0.4)), (176, 148, 102), 5)
        c.shape(ellipse(tip, 130 + abs(tip - 400) * 0.4, 15, 46), (214, 188, 142))
    c.shape(mirrored(curve((356, 352), (370, 410), (270, 490), (262, 580), (320, 664))), c.base)
    c.shape(ellipse(400, 352, 44, 11), darker(c.base, 0.4), across=False)


KINDS = {"notebook": notebook, "book": book, "pen": pen, "cards": cards, "clock": clock, "vase": vase}
