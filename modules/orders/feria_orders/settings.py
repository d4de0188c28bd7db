"""What a deployment may choose."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from feria_core.module import ModuleSettings

_CODE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"'{name}' is no time zone: name one as America/Costa_Rica") from error
    return name


def _tracking_urls(urls: dict[str, str]) -> dict[str, str]:
    for code, url in urls.items():
        if not _CODE.fullmatch(code):
            raise ValueError(f"'{code}' is no carrier's code: use a-z, 0-9 and single underscores")
        if not url.startswith(("https://", "http://")) or "{number}" not in url:
            raise ValueError(f"the address of '{code}' must begin with https:// and hold {{number}}")
    return urls


class OrdersSettings(ModuleSettings):
    """The table `[modules.orders.settings]`."""

    guest_link_days: Annotated[
        int, Field(ge=1, le=3650, description="For how many days the link in a guest's mail opens the order")
    ] = 180
    draft_days: Annotated[
        int,
        Field(
            ge=1,
            le=90,
            description="After how many days without a change an unpaid draft is deleted; "
            "longer than the slowest payment method takes",
        ),
    ] = 7
    return_window_days: Annotated[
        int,
        Field(ge=0, le=3650, description="For how many days after delivery pieces are taken back; 0 takes none back"),
    ] = 30
    return_reasons: Annotated[
        tuple[str, ...], Field(min_length=1, max_length=50, description="Codes of reasons that a return may give")
    ] = ("changed_mind", "damaged", "wrong_item", "not_as_described", "arrived_late", "other")
    return_address: Annotated[
        str, Field(max_length=500, description="Where returns are sent to; stands in the mail of an approval")
    ] = ""
    carrier_urls: Annotated[
        dict[str, str],
        Field(default_factory=dict, description="Addresses of tracking pages by carrier, with {number}"),
        AfterValidator(_tracking_urls),
    ]
    invoices: Annotated[
        Literal["paid", "asked"],
        Field(description='When an invoice gets its number: "paid" by a job, or "asked" once somebody asks for it'),
    ] = "paid"
    invoice_prefix: Annotated[str, Field(max_length=20, pattern=r"^[A-Z0-9-]*$", description="Before the year")] = (
        "INV-"
    )
    credit_note_prefix: Annotated[
        str, Field(max_length=20, pattern=r"^[A-Z0-9-]*$", description="Before the year; not that of invoices")
    ] = "CN-"
    invoice_time_zone: Annotated[
        str, Field(description="Whose day and year an invoice bears"), AfterValidator(_known_zone)
    ] = "UTC"
    seller_name: Annotated[str, Field(max_length=200, description="Who sells, on invoices; empty: the shop's name")] = (
        ""
    )
    seller_address: Annotated[tuple[str, ...], Field(max_length=8, description="Lines of the seller's address")] = ()
    seller_tax_id: Annotated[str, Field(max_length=100, description="The seller's tax number")] = ""
    seller_contact: Annotated[
        tuple[str, ...], Field(max_length=6, description="Lines like an address of mail, a telephone number, a site")
    ] = ()
    seller_footer: Annotated[
        str, Field(max_length=500, description="Last line of invoices: register, bank account, terms of payment")
    ] = ""
