"""Cells of CSV that a spreadsheet opens without running anything in them, and that mean the same when read again."""

from __future__ import annotations

import re

# What spreadsheets take for a formula at the start of a cell (OWASP ASVS 5.0, 1.2.10).
FORMULA = ("=", "+", "-", "@", "\t", "\x00", "\r")
# Behind this a cell holds JSON, which is taken exactly as it is: no trimming, no guessing of types.
EXACT = "json:"
# Cells with apostrophes of their own before a formula get one more, so that reading takes away what was added.
_TO_NEUTRALISE = re.compile(r"'*[=+\-@\t\x00\r]")
_NEUTRALISED = re.compile(r"'+[=+\-@\t\x00\r]")


def neutral(cell: str) -> str:
    """Return the cell, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if _TO_NEUTRALISE.match(cell) else cell


def plain(cell: str) -> str:
    """Return what the cell was before `neutral`."""
    return cell[1:] if _NEUTRALISED.match(cell) else cell
