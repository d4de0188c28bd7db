"""What stands on an invoice or a credit note, as text; no layout, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from babel import Locale
from babel.dates import format_date

from feria_core.db import Row
from feria_core.money import Money, format_money, split
from feria_orders.documents import address_lines
from feria_orders.invoices.words import WORDS, words_of

LONGEST_NAME = 300


@dataclass(frozen=True)
class Content:
    """A document in its language: facts are (label, value), columns and rows a table, totals (label, amount)."""

    title: str
    number: str
    locale: str
    seller: Mapping[str, Any]
    facts: Sequence[tuple[str, str]]
    parties: Sequence[tuple[str, Sequence[str]]]
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    totals: Sequence[tuple[str, str]]
    grand_total: tuple[str, str]
    below: Sequence[tuple[str, str]] = ()


def of_invoice(order: Row, issued: Row, zone: ZoneInfo) -> Content:
    """Return the invoice of an order; what has been refunded stands on credit notes."""
    words, money = words_of(issued["locale"]), _Writer(order, issued)
    totals = [(words["subtotal"], money(order["subtotal"]))]
    if order["discount_total"]:
        totals.append((words["discount"], money(-order["discount_total"])))
    totals.append((_labelled(words["shipping"], order["shipping_label"]), money(order["shipping_total"])))
    taxes = [(tax["label"], money(tax["amount"])) for tax in orjson.loads(order["tax_lines"])]
    if order["tax_included"]:
        taxes = [(f"{label} ({words['included']})", amount) for label, amount in taxes]
    lines = orjson.loads(order["lines"] or "[]")
    return Content(
        title=words["invoice"],
        number=issued["number"],
        locale=money.locale,
        seller=orjson.loads(issued["seller"]),
        facts=_facts(order, issued, zone),
        parties=_parties(order, money.locale),
        columns=[words[name] for name in ("item", "quantity", "unit_price", "discount", "amount")],
        rows=[_line(line, money) for line in lines],
        totals=[*totals, *([] if order["tax_included"] else taxes)],
        grand_total=(words["total"], money(order["grand_total"])),
        below=taxes if order["tax_included"] else [],
    )


def of_refund(order: Row, issued: Row, refund: Row, invoice_number: str, zone: ZoneInfo) -> Content:
    """Return the credit note of a refund: its pieces, its share of shipping, and what it is less or more than they."""
    words, money = words_of(issued["locale"]), _Writer(order, issued)
    pieces = orjson.loads(refund["lines"] or "[]")
    rows = [[_name(piece), str(piece["quantity"]), money(piece["amount"])] for piece in pieces]
    if refund["shipping"]:
        rows.append([words["shipping"], "", money(refund["shipping"])])
    rest = refund["amount"] - sum(piece["amount"] for piece in pieces) - refund["shipping"]
    if rest:
        rows.append([words["adjustment"] if rows else words["refund"], "", money(rest)])
    rates = orjson.loads(order["tax_lines"])
    shares = split(refund["tax"], [rate["amount"] for rate in rates]) if rates and refund["tax"] else []
    return Content(
        title=words["credit_note"],
        number=issued["number"],
        locale=money.locale,
        seller=orjson.loads(issued["seller"]),
        facts=[*_facts(order, issued, zone), (words["of_invoice"], invoice_number)],
        parties=_parties(order, money.locale)[:1],
        columns=[words[name] for name in ("item", "quantity", "amount")],
        rows=rows,
        totals=[],
        grand_total=(words["refunded"], money(refund["amount"])),
        below=[
            (f"{rate['label']} ({words['included']})", money(share)) for rate, share in zip(rates, shares, strict=False)
        ],
    )


class _Writer:
    """Writes amounts of the order's currency as the document's language does."""

    def __init__(self, order: Row, issued: Row) -> None:
        self.currency = order["currency"]
        self.locale = issued["locale"] if issued["locale"] in WORDS else "en"

    def __call__(self, amount: int) -> str:
        return format_money(Money(amount, self.currency), self.locale)

    def day(self, moment: datetime, zone: ZoneInfo) -> str:
        return format_date(moment.astimezone(zone).date(), "long", locale=self.locale)


def _facts(order: Row, issued: Row, zone: ZoneInfo) -> list[tuple[str, str]]:
    words, writer = words_of(issued["locale"]), _Writer(order, issued)
    return [
        (words["number"], issued["number"]),
        (words["date"], writer.day(issued["issued_at"], zone)),
        (words["order"], order["number"]),
        (words["order_date"], writer.day(order["placed_at"], zone)),
    ]


def _parties(order: Row, locale: str) -> list[tuple[str, Sequence[str]]]:
    """Return who is billed, and where it goes where that is somewhere else."""
    words = words_of(locale)
    shipping = orjson.loads(order["shipping_address"]) if order["shipping_address"] else None
    billing = orjson.loads(order["billing_address"]) if order["billing_address"] else shipping
    parties: list[tuple[str, Sequence[str]]] = [
        (words["bill_to"], _address(billing, locale) if billing else [order["email"]])
    ]
    if shipping and _address(shipping, locale) != parties[0][1]:
        parties.append((words["ship_to"], _address(shipping, locale)))
    return parties


def _address(address: Mapping[str, Any], locale: str) -> list[str]:
    """Return the address as it is written on a parcel, its country by name."""
    country = str(address.get("country") or "")
    named = {**address, "country": Locale.parse(locale).territories.get(country, country)}
    return address_lines(named)


def _line(line: Mapping[str, Any], money: _Writer) -> list[str]:
    discount = line["discount"]["amount"]
    return [
        _name(line),
        str(line["quantity"]),
        money(line["unit_price"]["amount"]),
        money(-discount) if discount else "",
        money(line["total"]["amount"]),
    ]


def _name(line: Mapping[str, Any]) -> str:
    """Return name, options and SKU; the options and the SKU stand in a line of their own."""
    details = [*(str(value) for value in line["options"].values()), line["sku"]]
    return f"{line['name'][:LONGEST_NAME]}\n{', '.join(details)[:LONGEST_NAME]}"


def _labelled(text: str, label: str | None) -> str:
    return f"{text} ({label})" if label else text
