"""What the preview of a mail takes and gives."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from feria_core.http.schemas import Out, Query

MailName = Literal["order_confirmation", "shipped", "delivered", "cancelled", "refunded", "return_update"]


class MailPreviewQuery(Query):
    """Which mail, and in which language."""

    mail: Annotated[MailName, Field(description="Which of the order's mails")] = "order_confirmation"
    locale: Annotated[
        str | None, Field(max_length=35, description="One of the shop's languages; the buyer's without it")
    ] = None
    return_status: Annotated[
        Literal["requested", "approved", "rejected", "received"], Field(description="Of `return_update`: which news")
    ] = "approved"


class MailPreviewOut(Out):
    """A mail as its buyer would read it; a guest's link carries its token only in the mail that is sent."""

    to: Annotated[str, Field(description="The order's e-mail address")]
    locale: Annotated[str, Field(description="The language it is written in")]
    subject: str
    text: Annotated[str, Field(description="The part for readers without HTML")]
    html: Annotated[str, Field(description="A whole document; text of buyers and products is escaped in it")]
