"""The small pages behind the links of mails, for people; programs get JSON."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from feria_core.http.request import locale
from feria_core.runtime import core_settings

if TYPE_CHECKING:
    from jinja2 import Environment

HTML = "text/html; charset=utf-8"
# The address holds the token: it goes to nobody else, and the page is nobody's frame.
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
}
TEXTS = {
    "en": {
        "confirmed": ("Thank you", "You are subscribed."),
        "subscribed": ("Unsubscribe", "Do you want no more newsletters?"),
        "unsubscribed": ("Good-bye", "You will get no more newsletters."),
        "invalid": ("This link does not hold", "It was used, has expired or was never given out. Subscribe again."),
        "button": "Unsubscribe",
    },
    "es": {
        "confirmed": ("Gracias", "Su suscripción está confirmada."),
        "subscribed": ("Darse de baja", "¿No desea recibir más boletines?"),
        "unsubscribed": ("Hasta pronto", "No recibirá más boletines."),
        "invalid": ("Este enlace no es válido", "Ya se usó, caducó o nunca existió. Suscríbase de nuevo."),
        "button": "Darse de baja",
    },
}


def render(kind: str) -> str:
    """Return the page: `confirmed`, `subscribed` (with the button that unsubscribes), `unsubscribed` or `invalid`."""
    language = locale() if locale() in TEXTS else "en"
    title, text = TEXTS[language][kind]
    return _environment().get_template("page.html").render(
        locale=language, title=title, text=text, shop_name=core_settings().shop_name,
        button=TEXTS[language]["button"] if kind == "subscribed" else None,
    )  # fmt: skip


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, select_autoescape

    folder = Path(__file__).parent.parent / "templates"
    return Environment(loader=FileSystemLoader(folder), autoescape=select_autoescape(["html"]))
