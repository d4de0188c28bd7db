"""The code that an app scans while the second factor is set up."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import segno

from feria_admin.pages.qr import drawn_code

SVG = re.compile(r'<svg [^>]*class="qr".*?</svg>', re.DOTALL)
PASSWORD = "the first owner of it"
URI = "otpauth://totp/Feria:ana%40example.org?secret=JBSWY3DPEHPK3PXP&issuer=Feria"


def squares(svg: str) -> set[tuple[int, int]]:
    """Return the dark squares, by column and row, of the pen's strokes: moves and lines to the right."""
    path = re.findall(r'd="([^"]*)"', svg)[-1]
    dark: set[tuple[int, int]] = set()
    column, row = 0, 0.0
    for command, numbers in re.findall(r"([Mmh])([^Mmh]*)", path):
        read = [float(each) for each in re.findall(r"-?[\d.]+", numbers)]
        if command == "h":
            dark |= {(column + step, int(row)) for step in range(int(read[0]))}
            column += int(read[0])
        else:
            column, row = (int(read[0]), read[1]) if command == "M" else (column + int(read[0]), row + read[1])
    return dark


async def test_the_page_shows_the_code_of_its_key_under_the_strict_policy(staff_browser: Any) -> None:
    browser = await staff_browser()
    csrf = (await browser.get("/admin/me")).hidden("csrf")
    begun = await browser.send("/admin/me/otp", {"csrf": csrf, "password": PASSWORD})
    uri, shown = begun.hidden("otpauth_uri"), SVG.search(begun.text)
    assert shown is not None
    assert parse_qs(urlsplit(uri).query)["secret"] == [begun.hidden("secret")]
    quiet = 4
    matrix = segno.make(uri, error="m", micro=False).matrix
    expected = {(x + quiet, y + quiet) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark}
    assert squares(shown[0]) == expected
    assert "unsafe" not in begun.headers["Content-Security-Policy"]
    assert not re.search(r" style=|<style|<script(?! src=)| on\w+=", begun.text)
    wrong = await browser.send(
        "/admin/me/otp/confirm",
        {"csrf": csrf, "secret": begun.hidden("secret"), "otpauth_uri": uri, "code": "000000"},
    )
    again = SVG.search(wrong.text)
    assert again is not None
    assert again[0] == shown[0]


@pytest.mark.parametrize("uri", ["", "https://evil.example", "otpauth://" + "x" * 600, "<svg onload=alert(1)>"])
async def test_what_is_no_key_is_not_drawn(uri: str) -> None:
    assert drawn_code(uri) is None
    assert drawn_code(URI) is not None
