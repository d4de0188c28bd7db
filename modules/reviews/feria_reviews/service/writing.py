"""What authors do: write, change and delete their reviews. Each version goes through the rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from feria_core import clock, db
from feria_core.contracts.users import PEOPLE, Person
from feria_core.db import Row
from feria_core.http.request import locale
from feria_core.runtime import registry, settings
from feria_reviews import domain
from feria_reviews.domain import Decision, Rules, Status, Submission
from feria_reviews.errors import ReviewExists
from feria_reviews.repository import reviews
from feria_reviews.repository.reviews import Draft
from feria_reviews.service import photos, products, rows, summaries, verification
from feria_reviews.settings import ReviewsSettings


@dataclass(frozen=True)
class Written:
    """What an author writes; with `display_name` None the account's first name and initial are shown."""

    rating: int
    title: str
    text: str
    display_name: str | None


async def write(customer_id: UUID, key: str, written: Written) -> Row:
    """Write the person's review of the product of that id or slug; return it.

    Raises ProductUnknown, ReviewExists.
    """
    product = await products.shown(key)
    async with db.transaction():
        return await store(customer_id, product.product_id, written)


async def store(customer_id: UUID, product_id: UUID, written: Written) -> Row:
    """Write the review in the open transaction. Raises ReviewExists."""
    person = await registry().get(PEOPLE).person(customer_id)
    is_verified = await verification.is_verified(customer_id, product_id, person)
    name = _shown_name(written.display_name, person)
    decision = await _decide(customer_id, product_id, written, name, is_verified=is_verified)
    draft = _draft(written, name, decision, is_verified=is_verified)
    review_id = await reviews.add(product_id, customer_id, draft, locale=locale(), now=clock.now())
    if review_id is None:
        raise ReviewExists
    await summaries.move(product_id, before=None, after=rows.counted(decision.status, written.rating))
    return await _found(review_id)


async def change(
    customer_id: UUID,
    review_id: str,
    *,
    rating: int | None = None,
    title: str | None = None,
    text: str | None = None,
    display_name: str | None = None,
) -> Row:
    """Change what is given of the person's own review; return it. Raises ReviewUnknown.

    What staff have refused or were about to look at waits for them, whatever the rules say of the new version.
    """
    async with db.transaction():
        person = await registry().get(PEOPLE).person(customer_id)
        await reviews.lock_person(customer_id)
        row = await rows.own(customer_id, review_id)
        await _remember_refusal(row)
        product_id = row["product_id"]
        is_verified = await verification.is_verified(customer_id, product_id, person)
        name = display_name if display_name is not None else row["author_name"]
        written = Written(
            rating=row["rating"] if rating is None else rating,
            title=row["title"] if title is None else title,
            text=row["text"] if text is None else text,
            display_name=name,
        )
        decision = await _decide(customer_id, product_id, written, name, is_verified=is_verified, beside=row["id"])
        draft = _draft(written, name, decision, is_verified=is_verified)
        await reviews.change(row["id"], draft, now=clock.now())
        await summaries.move(
            product_id,
            before=rows.counted(row["status"], row["rating"]),
            after=rows.counted(decision.status, written.rating),
        )
        return await _found(row["id"])


async def delete(customer_id: UUID, review_id: str) -> None:
    """Delete the person's own review with votes and photos. Raises ReviewUnknown."""
    async with db.transaction():
        await reviews.lock_person(customer_id)
        row = await rows.own(customer_id, review_id)
        await _remember_refusal(row)
        await photos.release_all(row["id"])
        await reviews.delete(row["id"])
        await summaries.move(row["product_id"], before=rows.counted(row["status"], row["rating"]), after=None)


def rules() -> Rules:
    """Return the rules of this deployment."""
    wanted = settings(ReviewsSettings)
    return Rules(wanted.auto_approve, wanted.hold_links, wanted.hold_first, _folded(wanted.hold_words))


@lru_cache(maxsize=4)
def _folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(filter(None, map(domain.folded, words)))


async def _decide(
    customer_id: UUID,
    product_id: UUID,
    written: Written,
    name: str,
    *,
    is_verified: bool,
    beside: UUID | None = None,
) -> Decision:
    submission = Submission(
        texts=(written.title, written.text, name),
        is_verified=is_verified,
        is_first=await reviews.is_first_of(customer_id, beside=beside),
        was_refused=await reviews.was_refused(customer_id, product_id),
    )
    return domain.decide(submission, rules())


def _draft(written: Written, name: str, decision: Decision, *, is_verified: bool) -> Draft:
    return Draft(
        name, written.rating, written.title, written.text, decision.status, decision.held_by, is_verified
    )  # fmt: skip


def _shown_name(chosen: str | None, person: Person | None) -> str:
    if chosen is not None:
        return chosen
    return domain.public_name(person.name) if person else ""


async def _remember_refusal(row: Row) -> None:
    """Note that staff did not want this version, so that neither another nor a new review gets past them."""
    if row["status"] in (Status.REJECTED, Status.FLAGGED):
        await reviews.note_refusal(row["customer_id"], row["product_id"], now=clock.now())


async def _found(review_id: UUID) -> Row:
    row = await reviews.find(review_id)
    assert row is not None  # noqa: S101 - written in this transaction
    return row
