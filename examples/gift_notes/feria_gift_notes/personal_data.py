"""What gift notes know of a person, for the port `personal_data`."""

from __future__ import annotations

from collections.abc import Mapping

from feria_core.contracts.privacy import DataSubject, Json
from feria_gift_notes import repository


class GiftNoteData:
    """The notes that the person has written, as a customer or as a guest."""

    section = "gift_notes"

    async def export(self, subject: DataSubject) -> Mapping[str, Json]:
        """Return the notes with their orders; an empty mapping for none."""
        rows = await repository.of_person(subject)
        notes: list[Json] = [
            {"order_number": row["order_number"], "text": row["text"], "created_at": row["created_at"].isoformat()}
            for row in rows
        ]
        return {"notes": notes} if notes else {}

    async def erase(self, subject: DataSubject) -> None:
        """Delete the notes."""
        await repository.delete_of_person(subject)
