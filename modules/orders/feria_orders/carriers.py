"""Where a carrier shows a parcel; a deployment adds its own in `carrier_urls`."""

from __future__ import annotations

from urllib.parse import quote

from feria_core.runtime import settings
from feria_orders.settings import OrdersSettings

URLS = {
    "canada_post": "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={number}",
    "correos_cr": "https://correos.go.cr/rastreo/?codigo={number}",
    "correos_es": "https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number={number}",
    "deutsche_post": "https://www.deutschepost.de/sendung/simpleQuery.html?form.sendungsnummer={number}",
    "dhl": "https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}",
    "dpd": "https://tracking.dpd.de/status/en_US/parcel/{number}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={number}",
    "gls": "https://gls-group.com/track/{number}",
    "hermes": "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{number}",
    "la_poste": "https://www.laposte.fr/outils/suivre-vos-envois?code={number}",
    "royal_mail": "https://www.royalmail.com/track-your-item#/tracking-results/{number}",
    "seur": "https://www.seur.com/livetracking/?segOnlineIdentificador={number}",
    "ups": "https://www.ups.com/track?tracknum={number}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}",
}


def tracking_url(carrier: str | None, tracking_number: str | None, given: str | None) -> str | None:
    """Return where the parcel is shown: the address that was given with it, else its carrier's, else None.

    A carrier is known by its name in any case, with spaces, hyphens and dots as underscores: "Royal Mail".
    """
    if given:
        return given
    if not carrier or not tracking_number:
        return None
    template = {**URLS, **settings(OrdersSettings).carrier_urls}.get(carrier_code(carrier))
    return template.replace("{number}", quote(tracking_number, safe="")) if template else None


def carrier_code(carrier: str) -> str:
    """Return the carrier's name as the table knows it."""
    code = carrier.strip().lower()
    for mark in (" ", "-", "."):
        code = code.replace(mark, "_")
    return code.strip("_")
