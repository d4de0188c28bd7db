"""What this module offers the others."""

from __future__ import annotations

from feria_core.contracts.admin import ADMIN_SECTIONS
from feria_core.contracts.checkout import CHECKOUT_STEPS
from feria_core.contracts.privacy import PERSONAL_DATA
from feria_core.ports import Registry
from feria_gift_notes.admin_section import GIFT_NOTES
from feria_gift_notes.personal_data import GiftNoteData
from feria_gift_notes.step import GiftNoteStep


def register(registry: Registry) -> None:
    """Contribute the checkout's step, what is known of a person, and the section of the staff's pages."""
    registry.contribute(CHECKOUT_STEPS, GiftNoteStep(), module="gift_notes")
    registry.contribute(PERSONAL_DATA, GiftNoteData(), module="gift_notes")
    registry.contribute(ADMIN_SECTIONS, GIFT_NOTES, module="gift_notes")
