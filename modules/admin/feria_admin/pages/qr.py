"""The code that an authenticator app scans, drawn here: the secret goes to no other server."""

from __future__ import annotations

import segno
from markupsafe import Markup

SCHEME, MAX_LENGTH = "otpauth://", 500


def drawn_code(uri: str) -> Markup | None:
    """Return an SVG element of the code, or None for what is no address of a second factor."""
    if not uri.startswith(SCHEME) or len(uri) > MAX_LENGTH:
        return None
    code = segno.make(uri, error="m", micro=False)
    # Dark on light whatever the page's colours are: apps do not read it the other way round.
    drawn = code.svg_inline(omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff")
    return Markup(drawn)  # noqa: S704 - squares alone, nothing of the address is in it as text
