"""From a row to what goes out: the Order of the API, for its buyer and for staff, and the context of its mail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from feria_core.contracts.orders import LineUnits
from feria_core.db import Row
from feria_orders.carriers import tracking_url
from feria_orders.texts import event_text

Document = dict[str, Any]
_BY = {"customer": "buyer", "staff": "shop", "api_key": "shop", "system": "system"}


def order_document(row: Row, locale: str) -> Document:
    """Return the order as its buyer sees it; the timeline speaks `locale`."""
    events = [_for_buyer(event) for event in _events(row, locale) if event["public"]]
    return _base(row) | {"timeline": events, "refunds": [_without_reason(refund) for refund in _refunds(row)]}


def staff_document(row: Row, locale: str) -> Document:
    """Return the order as staff see it: with every event, the customer's id and what staff noted."""
    return _base(row) | {
        "customer_id": row["customer_id"],
        "payment_provider": row["payment_provider"],
        "locale": row["locale"],
        "staff_note": row["staff_note"],
        "refunds": _refunds(row),
        "timeline": _events(row, locale),
    }


def mail_context(row: Row, link: str) -> Document:
    """Return what the confirmation shows. Amounts are objects that the templates' `money` filter writes."""
    address = orjson.loads(row["shipping_address"]) if row["shipping_address"] else None
    return {
        "number": row["number"],
        "link": link,
        "lines": [_mail_line(line) for line in orjson.loads(row["lines"])],
        "subtotal": _money(row, "subtotal"),
        "discount_total": _money(row, "discount_total"),
        "shipping_total": _money(row, "shipping_total"),
        "shipping_label": row["shipping_label"],
        "tax_lines": _tax_lines(row),
        "tax_included": row["tax_included"],
        "grand_total": _money(row, "grand_total"),
        "payment_status": row["payment_status"],
        "address_lines": address_lines(address) if address else [],
    }


def parcels(row: Row) -> list[Document]:
    """Return the order's parcels, each with the address where its carrier shows it."""
    found: list[Document] = orjson.loads(row["fulfilments"] or "[]")
    for parcel in found:
        parcel["tracking_url"] = tracking_url(parcel["carrier"], parcel["tracking_number"], parcel["tracking_url"])
    return found


def line_units(row: Row) -> tuple[LineUnits, ...]:
    """Return the lines as events carry them: pieces, and what they cost with their tax."""
    return tuple(
        LineUnits(
            UUID(line["variant_id"]),
            UUID(line["product_id"]),
            line["quantity"],
            line["total"]["amount"] + (0 if row["tax_included"] else line["tax"]["amount"]),
        )
        for line in orjson.loads(row["lines"])
    )


def variant_ids(row: Row) -> tuple[UUID, ...]:
    """Return the variants that were ordered, in the order of the lines."""
    return tuple(UUID(line["variant_id"]) for line in orjson.loads(row["lines"]))


def to_json(value: Any) -> bytes:
    """Return documents as JSON bytes, times in UTC with a Z."""
    return orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z)


def _base(row: Row) -> Document:
    return {
        "id": str(row["id"]),
        "number": row["number"],
        "status": row["state"],
        "payment_status": row["payment_status"],
        "fulfilment_status": row["fulfilment_status"],
        "placed_at": row["placed_at"],
        "email": row["email"],
        "currency": row["currency"],
        "items": orjson.Fragment(row["lines"] or "[]"),
        "codes": orjson.Fragment(row["codes"]),
        "subtotal": _money(row, "subtotal"),
        "discount_total": _money(row, "discount_total"),
        "shipping_total": _money(row, "shipping_total"),
        "tax_total": _money(row, "tax_total"),
        "tax_lines": _tax_lines(row),
        "tax_included": row["tax_included"],
        "grand_total": _money(row, "grand_total"),
        "refunded_total": _money(row, "refunded_total"),
        "shipping_address": orjson.Fragment(row["shipping_address"] or "null"),
        "billing_address": orjson.Fragment(row["billing_address"] or "null"),
        "shipping_method": row["shipping_method"],
        "shipping_label": row["shipping_label"],
        "note": row["note"],
        "fulfilments": parcels(row),
    }


def _money(row: Row, column: str) -> Document:
    return {"amount": row[column], "currency": row["currency"]}


def _tax_lines(row: Row) -> list[Document]:
    currency = row["currency"]
    return [
        line | {"amount": {"amount": line["amount"], "currency": currency}} for line in orjson.loads(row["tax_lines"])
    ]


def _events(row: Row, locale: str) -> list[Document]:
    events: list[Document] = orjson.loads(row["timeline"] or "[]")
    for event in events:
        event["message"] = event["message"] or event_text(event["kind"], locale, event["data"])
        event["by"] = _BY[event["actor_kind"]]
        del event["data"]
    return events


def _for_buyer(event: Document) -> Document:
    """Return the event without what only staff see: which of them it was."""
    return {name: event[name] for name in ("at", "kind", "message", "by")}


def _refunds(row: Row) -> list[Document]:
    found: list[Document] = orjson.loads(row["refunds"] or "[]")
    return found


def _without_reason(refund: Document) -> Document:
    return {name: value for name, value in refund.items() if name != "reason"}


def _mail_line(line: Document) -> Document:
    return {
        "name": one_line(line["name"]),
        "options": ", ".join(one_line(value) for value in line["options"].values()),
        "sku": line["sku"],
        "quantity": line["quantity"],
        "total": line["total"],
    }


def address_lines(address: Document) -> list[str]:
    """Return the address as it is written on a parcel, without empty lines."""
    town = " ".join(str(address[key]) for key in ("postal_code", "city", "region") if address.get(key))
    lines = [address.get("name"), address.get("company"), address.get("line1"), address.get("line2"), town]
    return [one_line(line) for line in (*lines, address.get("country")) if line]


def one_line(text: object) -> str:
    """Return the text without breaks, so that none can pose as another line of the mail."""
    return " ".join(str(text).split())
