"""The checkout's step `gift_note`: what the shopper wants written on the card."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from feria_core.contracts.checkout import CheckoutView
from feria_core.contracts.privacy import Json
from feria_core.errors import Invalid
from feria_gift_notes import service
from feria_gift_notes.domain import MAX_LETTERS, normal

_MESSAGES = {
    "not_text": "A gift note is plain text, without control characters.",
    "too_long": f"A gift note has at most {MAX_LETTERS} characters.",
}


class GiftNoteStep:
    """Optional: a checkout without a note, or with a blank one, is none the worse."""

    name = "gift_note"

    async def check(self, value: Json, checkout_id: UUID) -> Json:
        """Return the note without the blanks around it, None for a blank one. Raises Invalid."""
        del checkout_id
        text, problem = normal(value)
        if problem:
            raise Invalid.field("body", "steps", self.name, code=problem, message=_MESSAGES[problem])
        return text

    async def missing(self, value: Json | None, checkout: CheckoutView) -> Sequence[str]:
        """Return nothing: nobody must give a note."""
        del value, checkout
        return ()

    async def placed(self, value: Json | None, *, checkout_id: UUID, order_id: UUID) -> None:
        """Keep the note with the order."""
        del checkout_id
        if isinstance(value, str) and value:
            await service.keep(order_id, value)
