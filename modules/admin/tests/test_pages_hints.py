"""Hints of forms: descriptions of the API, as they hold for what people type."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from feria_admin.pages.fields import fields_of, titled
from feria_core.contracts.admin import AdminSection, Column

SECTION = AdminSection(
    name="parcels", title={"en": "Parcels"}, list_path="/api/admin/parcels", columns=(Column("a", {"en": "A"}),),
    empty={"en": "None yet."},
)  # fmt: skip


class Parcel(BaseModel):
    """What a parcel costs."""

    amount: Annotated[int | None, Field(description="The price of a flat one, in minor units")] = None
    bound: Annotated[int | None, Field(description="Grams, or minor units")] = None
    ends_at: Annotated[str | None, Field(description="Null: for good")] = None
    nullable: Annotated[str | None, Field(description="As the settings say where null; annulled by staff")] = None


def hints(locale: str) -> list[str]:
    return [each.hint for each in titled(fields_of(Parcel), SECTION, locale)]


def test_hints_tell_of_what_is_typed_not_of_what_the_api_takes():
    assert hints("en") == [
        "The price of a flat one", "Grams", "Empty: for good", "As the settings say where empty; annulled by staff",
    ]  # fmt: skip
    assert hints("es") == [""] * 4
