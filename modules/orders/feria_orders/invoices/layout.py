"""From content to PDF: one design, any number of pages, the same bytes for the same content."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, KeepTogether, PageTemplate, Paragraph, Spacer, Table

from feria_orders.invoices.content import Content
from feria_orders.invoices.words import words_of

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
# Scripts that the font lacks; a PDF reader has these fonts itself, so that they need not be shipped.
CJK = (
    ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF), "HYSMyeongJo-Medium"),
    ((0x3040, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F), "HeiseiKakuGo-W5"),
    ((0x2E80, 0x303F), (0x3400, 0x9FFF), (0xF900, 0xFAFF), "STSong-Light"),
)
INK, MUTED, RULE, SHADE = HexColor("#1d2327"), HexColor("#69707a"), HexColor("#d5d9de"), HexColor("#f4f5f7")
MARGIN = 20 * mm
WIDTH = A4[0] - 2 * MARGIN


def write(content: Content) -> bytes:
    """Return the document as PDF; the same content gives the same bytes."""
    _register_fonts()
    out = BytesIO()
    document = BaseDocTemplate(
        out, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=25 * mm,
        title=f"{content.title} {content.number}", author=str(content.seller["name"]), lang=content.locale, invariant=1,
    )  # fmt: skip
    frame = Frame(MARGIN, 25 * mm, WIDTH, A4[1] - MARGIN - 25 * mm, leftPadding=0, rightPadding=0, topPadding=0)
    document.addPageTemplates([PageTemplate(frames=[frame])])
    document.build(_story(content), canvasmaker=_numbered(content))
    return out.getvalue()


def _story(content: Content) -> list[Any]:
    return [
        _letterhead(content),
        Spacer(1, 10 * mm),
        _parties(content),
        Spacer(1, 9 * mm),
        _lines(content),
        Spacer(1, 3 * mm),
        KeepTogether([_totals(content)]),
    ]


def _letterhead(content: Content) -> Table:
    """Who sells on the left, what it is and its facts on the right."""
    seller = content.seller
    left = [_text(seller["name"], size=15, bold=True), Spacer(1, 2 * mm)]
    about = [
        *seller["address"],
        *([f"{words_of(content.locale)['tax_id']}: {seller['tax_id']}"] if seller["tax_id"] else []),
    ]
    left += [_text(line, size=8, color=MUTED) for line in (*about, *seller["contact"])]
    facts = Table(
        [[_text(label, size=8, color=MUTED), _text(value, size=8, right=True)] for label, value in content.facts],
        colWidths=[28 * mm, 47 * mm],
        style=[*_TIGHT, ("VALIGN", (0, 0), (-1, -1), "TOP")],
    )
    right = [_text(content.title, size=18, bold=True, right=True), Spacer(1, 3 * mm), facts]
    return Table(
        [[left, right]], colWidths=[WIDTH - 75 * mm, 75 * mm], style=[*_TIGHT, ("VALIGN", (0, 0), (-1, -1), "TOP")]
    )


def _parties(content: Content) -> Table:
    cells = []
    for label, lines in content.parties:
        cells.append([_text(label, size=8, color=MUTED), Spacer(1, 1 * mm), *(_text(line, size=9) for line in lines)])
    cells += [[]] * (2 - len(cells))
    return Table([cells], colWidths=[WIDTH / 2] * 2, style=[*_TIGHT, ("VALIGN", (0, 0), (-1, -1), "TOP")])


def _lines(content: Content) -> Table:
    """The table of lines; its head is repeated on every page."""
    amounts = len(content.columns) - 2
    widths = [WIDTH - 14 * mm - amounts * 29 * mm, 14 * mm, *[29 * mm] * amounts]
    head = [_text(name, size=8, bold=True, right=n > 0) for n, name in enumerate(content.columns)]
    rows = [[_item(row[0]), *(_text(cell, size=9, right=True) for cell in row[1:])] for row in content.rows]
    style: list[Any] = [
        ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2 * mm),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2 * mm),
        ("LEFTPADDING", (0, 0), (-1, -1), 1.5 * mm),
        ("RIGHTPADDING", (0, 0), (-1, -1), 1.5 * mm),
    ]
    return Table([head, *rows], colWidths=widths, repeatRows=1, style=style)


def _totals(content: Content) -> Table:
    rows = [[_text(label, size=9, color=MUTED), _text(amount, size=9, right=True)] for label, amount in content.totals]
    label, amount = content.grand_total
    rows.append([_text(label, size=11, bold=True), _text(amount, size=11, bold=True, right=True)])
    at = len(rows) - 1
    rows += [
        [_text(name, size=8, color=MUTED), _text(value, size=8, right=True, color=MUTED)]
        for name, value in content.below
    ]
    style: list[Any] = [
        ("LINEABOVE", (0, at), (-1, at), 0.8, INK),
        ("TOPPADDING", (0, 0), (-1, -1), 1 * mm),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1 * mm),
        ("TOPPADDING", (0, at), (-1, at), 2 * mm),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 1.5 * mm),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
    return Table(rows, colWidths=[52 * mm, 36 * mm], hAlign="RIGHT", style=style)


_TIGHT: list[Any] = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0.8 * mm),
]


def _item(text: str) -> list[Paragraph]:
    name, _, details = text.partition("\n")
    return [_text(name, size=9), *([_text(details, size=7.5, color=MUTED)] if details else [])]


def _text(text: str, *, size: float, bold: bool = False, right: bool = False, color: Any = INK) -> Paragraph:
    return Paragraph(_markup(text), _style(size, bold, right, color))


@cache
def _style(size: float, bold: bool, right: bool, color: Any) -> ParagraphStyle:
    return ParagraphStyle(
        f"{size}-{bold}-{right}-{color}", fontName=BOLD if bold else REGULAR, fontSize=size, leading=size * 1.35,
        textColor=color, alignment=TA_RIGHT if right else 0, splitLongWords=1,
    )  # fmt: skip


def _markup(text: str) -> str:
    """Return the text as a paragraph's markup, pieces in other scripts in a font that has them."""
    parts: list[str] = []
    current, run = None, ""
    for char in " ".join(text.split()):
        font = _font_for(ord(char)) if char != " " else current
        if font != current and run:
            parts.append(_run(run, current))
            run = ""
        current, run = font, run + char
    return "".join([*parts, _run(run, current)])


def _run(text: str, font: str | None) -> str:
    safe = escape("".join(char for char in text if char.isprintable()))
    return f'<font name="{font}">{safe}</font>' if font else safe


def _font_for(code: int) -> str | None:
    """Return the font of a script that the document's own font lacks, or None."""
    for *ranges, font in CJK:
        if any(first <= code <= last for first, last in ranges):
            return str(font)
    return None


def _numbered(content: Content) -> type[Canvas]:
    """Return a canvas that writes the footer once it knows how many pages there are."""
    template, footer = words_of(content.locale)["page"], str(content.seller["footer"])

    class Numbered(Canvas):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - reportlab's name
            self._pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]

        def save(self) -> None:
            for number, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                _draw_footer(
                    self, footer, f"{content.number}  ·  {template.format(page=number, pages=len(self._pages))}"
                )
                super().showPage()
            super().save()

    return Numbered


def _draw_footer(canvas: Canvas, footer: str, page: str) -> None:
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, 19 * mm, MARGIN + WIDTH, 19 * mm)
    right = _text(page, size=7, right=True, color=MUTED)
    right.wrapOn(canvas, 55 * mm, 10 * mm)
    right.drawOn(canvas, MARGIN + WIDTH - 55 * mm, 14 * mm)
    if footer:
        left = _text(footer, size=7, color=MUTED)
        _, height = left.wrapOn(canvas, WIDTH - 60 * mm, 14 * mm)
        left.drawOn(canvas, MARGIN, 17.5 * mm - height)


@cache
def _register_fonts() -> None:
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))
    for *_, font in CJK:
        pdfmetrics.registerFont(UnicodeCIDFont(str(font)))
