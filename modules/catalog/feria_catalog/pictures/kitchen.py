"""Things of the kitchen and the table."""

from __future__ import annotations

from feria_catalog.pictures.canvas import Canvas, curve, darker, ellipse, lighter, mirrored, rounded, turned

STEEL = (196, 200, 206)
CREAM = (246, 240, 230)


def mug(c: Canvas) -> None:
    """A mug with a handle and a band."""
    c.shadow(410, 622, 200, 30)
    handle = curve((556, 330), (650, 320), (668, 420), (620, 500), (540, 510))
    c.line(handle, darker(c.base, 0.12), 38)
    c.shape(
        [
            (240, 270),
            *curve((240, 270), (246, 480), (282, 612), (330, 630)),
            *curve((470, 630), (518, 612), (554, 480), (560, 270)),
        ],
        c.base,
    )
    c.shape(
        [(242, 380), *curve((242, 380), (400, 412), (558, 380)), *curve((553, 450), (400, 482), (247, 450))],
        lighter(c.accent, 0.2),
    )
    c.shape(ellipse(400, 270, 160, 40), lighter(c.base, 0.3), across=False)
    c.shape(ellipse(400, 276, 140, 30), (92, 60, 46), across=False)


def plate(c: Canvas) -> None:
    """Three stacked plates, seen from above the edge."""
    c.shadow(400, 560, 310, 60)
    for step in range(3):
        y = 530 - step * 34
        c.shape(
            [*ellipse(400, y, 270, 84, start=0, end=180), *ellipse(400, y - 18, 270, 84, start=180, end=0)],
            darker(c.base, 0.14),
        )
        c.shape(ellipse(400, y - 20, 270, 84), lighter(c.base, 0.16), across=False)
    c.shape(ellipse(400, 444, 240, 72), lighter(c.accent, 0.3), across=False)
    c.shape(ellipse(400, 446, 230, 68), lighter(c.base, 0.24), across=False)
    c.shape(ellipse(400, 452, 168, 46), darker(c.base, 0.05), across=False)


def bowl(c: Canvas) -> None:
    """A deep bowl with a rim."""
    c.shadow(400, 610, 210, 30)
    c.shape(rounded(310, 580, 490, 616, 10), darker(c.base, 0.24))
    c.shape(
        [
            *curve((150, 360), (190, 500), (300, 590), (400, 600)),
            *curve((400, 600), (500, 590), (610, 500), (650, 360)),
        ],
        c.base,
    )
    c.shape(ellipse(400, 360, 250, 66), lighter(c.base, 0.3), across=False)
    c.shape(ellipse(400, 370, 226, 52), darker(c.accent, 0.02), across=False)


def pan(c: Canvas) -> None:
    """A frying pan with a wooden handle."""
    c.shadow(350, 590, 270, 40)
    c.shape(turned(rounded(560, 446, 770, 486, 20), -14, (560, 466)), darker(c.accent, 0.06))
    c.shape(
        [
            *curve((110, 450), (140, 560), (240, 590), (345, 592)),
            *curve((345, 592), (450, 590), (550, 560), (580, 450)),
        ],
        c.base,
    )
    c.shape(ellipse(345, 450, 236, 82), lighter(c.base, 0.22), across=False)
    c.shape(ellipse(345, 458, 212, 66), darker(c.base, 0.3), across=False, light=0.1)


def pot(c: Canvas) -> None:
    """A casserole with a lid."""
    c.shadow(400, 630, 250, 32)
    for x, lean in ((160, -1), (640, 1)):
        c.line(curve((x, 420), (x + 56 * lean, 424), (x + 56 * lean, 470), (x, 474)), darker(c.base, 0.25), 24)
    c.shape(
        [
            *curve((160, 370), (164, 540), (184, 610), (230, 632)),
            *curve((570, 632), (616, 610), (636, 540), (640, 370)),
        ],
        c.base,
    )
    c.shape(ellipse(400, 374, 240, 56), darker(c.base, 0.28))
    c.shape(
        [
            *ellipse(400, 362, 232, 50, start=0, end=180),
            *curve((168, 362), (230, 290), (400, 268), (570, 290), (632, 362)),
        ],
        lighter(c.base, 0.1),
    )
    c.shape(rounded(384, 246, 416, 280, 6), darker(c.accent, 0.1))
    c.shape(ellipse(400, 240, 42, 20), c.accent)


def knife(c: Canvas) -> None:
    """A kitchen knife, lying."""
    c.shadow(410, 452, 320, 40, 0.3)
    blade = [
        *curve((80, 470), (140, 400), (250, 356), (330, 350)),
        (520, 350),
        (520, 440),
        *curve((510, 448), (300, 462), (80, 470)),
    ]
    c.shape(turned(blade, -8), STEEL, light=0.45, across=False)
    c.shape(turned(rounded(512, 346, 540, 444, 6), -8), darker(STEEL, 0.25))
    c.shape(
        turned(
            [
                *curve((538, 352), (620, 346), (720, 358)),
                *curve((736, 372), (736, 410), (720, 418)),
                *curve((690, 412), (600, 398), (538, 410)),
            ],
            -8,
        ),
        c.base,
    )
    for x in (580, 640, 700):
        c.flat(turned(ellipse(x, 380, 7, 7), -8), lighter(STEEL, 0.3))


def kettle(c: Canvas) -> None:
    """A kettle with a long spout."""
    c.shadow(400, 632, 220, 30)
    c.line(curve((268, 330), (250, 180), (400, 130), (550, 180), (532, 330)), darker(c.accent, 0.1), 26)
    c.shape(
        [
            *curve((560, 470), (630, 420), (660, 330), (700, 310)),
            *curve((722, 330), (690, 400), (680, 500), (570, 570)),
        ],
        darker(c.base, 0.12),
    )
    c.shape(mirrored(curve((300, 300), (226, 370), (196, 500), (236, 620), (300, 634))), c.base)
    c.shape(mirrored(curve((322, 304), (330, 280), (380, 268)), 400), lighter(c.base, 0.16))
    c.shape(ellipse(400, 262, 22, 18), c.accent)


def board(c: Canvas) -> None:
    """A cutting board with a loaf on it."""
    c.shadow(400, 560, 310, 50)
    c.shape(turned(rounded(120, 330, 640, 570, 46), -6), c.base, across=False)
    c.shape(turned(rounded(620, 418, 740, 482, 32), -6), c.base, across=False)
    c.flat(turned(ellipse(706, 450, 13, 13), -6), darker(c.base, 0.55))
    for y in (390, 450, 515):
        c.line(turned(curve((160, y), (300, y + 8), (460, y - 6), (600, y + 4)), -6), darker(c.base, 0.12), 3)
    c.shape(
        curve((200, 430), (230, 340), (340, 300), (470, 320), (520, 400), (480, 452), (300, 470), (200, 430)),
        (204, 146, 88),
        across=False,
    )
    for x in (280, 345, 410):
        c.line(curve((x, 330), (x + 34, 360), (x + 44, 404)), (240, 206, 158), 12)


def jar(c: Canvas) -> None:
    """A storage jar with a wooden lid."""
    c.shadow(400, 650, 170, 28)
    c.shape(rounded(262, 250, 538, 652, 48), (214, 226, 226), light=0.4)
    c.shape(rounded(276, 390, 524, 640, 40), c.base, light=0.2)
    c.shape(ellipse(400, 392, 124, 22), lighter(c.base, 0.26), across=False)
    c.shape(rounded(280, 190, 520, 262, 18), (198, 152, 104))
    c.line([(290, 228), (510, 228)], (170, 124, 82), 4)
    c.line([(300, 300), (300, 590)], (244, 249, 249), 10)


def bottle(c: Canvas) -> None:
    """A carafe with a stopper."""
    c.shadow(400, 668, 150, 26)
    c.shape(mirrored(curve((352, 180), (350, 330), (268, 430), (262, 560), (276, 650), (330, 668))), c.base, light=0.32)
    c.shape(mirrored(curve((276, 500), (270, 580), (284, 646), (332, 660))), darker(c.base, 0.16), light=0.2)
    c.shape(rounded(346, 168, 454, 200, 10), darker(c.base, 0.08))
    c.shape(ellipse(400, 136, 44, 42), c.accent)
    c.line(curve((300, 480), (296, 560), (304, 620)), lighter(c.base, 0.65), 9)


def cutlery(c: Canvas) -> None:
    """Fork, knife and spoon side by side."""
    c.shadow(412, 430, 230, 250, 0.2)
    handle = c.base
    for x in (250, 400, 550):
        c.shape(rounded(x - 15, 400, x + 15, 676, 15), handle)
    for x in (222, 241, 260, 278):
        c.shape(rounded(x - 6, 140, x + 6, 290, 6), STEEL, light=0.4)
    c.shape(
        [
            (216, 270),
            (284, 270),
            *curve((284, 300), (272, 360), (262, 410)),
            *curve((238, 410), (228, 360), (216, 300)),
        ],
        STEEL,
        light=0.4,
    )
    c.shape(
        [*curve((384, 410), (382, 240), (390, 140), (412, 128)), *curve((426, 180), (432, 300), (416, 410))],
        STEEL,
        light=0.4,
    )
    c.shape([(540, 330), (560, 330), (562, 410), (538, 410)], STEEL, light=0.3)
    c.shape(ellipse(550, 240, 52, 104), STEEL, light=0.45)
    c.shape(ellipse(546, 234, 34, 80), lighter(STEEL, 0.3))


KINDS = {
    "mug": mug, "plate": plate, "bowl": bowl, "pan": pan, "pot": pot, "knife": knife, "kettle": kettle, "board": board,
    "jar": jar, "bottle": bottle, "cutlery": cutlery,
}  # fmt: skip
