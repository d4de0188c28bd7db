"""Rules of reviews: what is published, what is held, who is named, how ratings are averaged. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

STARS = (1, 2, 3, 4, 5)
MAX_TITLE, MAX_TEXT, MAX_NAME = 200, 5_000, 60
_HUNDREDTH = Decimal("0.01")
_REDACTED = "***"
# What people get past filters of "http": bare domains of the kinds that spam lives on.
_LINK = re.compile(
    r"https?://|\bwww\.|\b[\w-]+\.(?:com|net|org|info|biz|io|shop|store|site|online|top|xyz|club|ru|cn|tk)\b",
    re.IGNORECASE,
)
_SHORTEST_NAME_PART = 3


class Status(StrEnum):
    """Only approved reviews are shown and counted; flagged ones were, until they were reported too often."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    FLAGGED = "flagged"


@dataclass(frozen=True)
class Rules:
    """What a deployment lets through; `words` are folded."""

    auto_approve: str
    hold_links: bool
    hold_first: bool
    words: Collection[str]


@dataclass(frozen=True)
class Submission:
    """A review as its author leaves it; `was_refused` where staff have refused one of his for the product."""

    texts: Sequence[str]
    is_verified: bool
    is_first: bool
    was_refused: bool


@dataclass(frozen=True)
class Decision:
    """What becomes of a submission, and which rule holds it."""

    status: Status
    held_by: str | None = None


def decide(submission: Submission, rules: Rules) -> Decision:
    """Return whether the submission is published at once, or the first rule that holds it."""
    held_by = _holding_rule(submission, rules)
    return Decision(Status.PENDING, held_by) if held_by else Decision(Status.APPROVED)


def _holding_rule(submission: Submission, rules: Rules) -> str | None:
    """Return the first rule that holds it, what staff have said themselves before what they let rules say."""
    holding = {
        "refused_before": submission.was_refused,
        "word": _holds_word(submission.texts, rules.words),
        "link": rules.hold_links and any(_LINK.search(text) for text in submission.texts),
        "first_review": rules.hold_first and submission.is_first,
        "all": rules.auto_approve == "none",
        "unverified": rules.auto_approve == "verified" and not submission.is_verified,
    }
    return next((rule for rule, holds in holding.items() if holds), None)


def folded(text: str) -> str:
    """Return the text as words are compared: without case and accents, blanks made single."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())


def _holds_word(texts: Iterable[str], words: Collection[str]) -> bool:
    if not words:
        return False
    wanted = re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(word) for word in sorted(words))})(?!\w)")
    return any(wanted.search(folded(text)) for text in texts)


def public_name(name: str) -> str:
    """Return how a person is shown who chose no name: the first name and an initial; empty for no name."""
    parts = " ".join(c for c in name.split() if c.isprintable()).split()
    if not parts:
        return ""
    first = parts[0][:MAX_NAME]
    return f"{first} {parts[-1][0].upper()}."[:MAX_NAME] if len(parts) > 1 else first


def mean(rating_sum: int, count: int) -> Decimal | None:
    """Return the mean rating to the hundredth, None without reviews."""
    return (Decimal(rating_sum) / count).quantize(_HUNDREDTH, ROUND_HALF_UP) if count else None


def bayesian_mean(rating_sum: int, count: int, *, prior: Decimal, weight: int) -> Decimal | None:
    """Return the mean as if `weight` reviews of `prior` stars had come first, None without reviews.

    So one review of five stars does not come before a hundred of 4.8.
    """
    if not count:
        return None
    return ((prior * weight + rating_sum) / (weight + count)).quantize(_HUNDREDTH, ROUND_HALF_UP)


def without_person(text: str, *, name: str, addresses: Iterable[str]) -> str:
    """Return the text without the person's addresses and name, nor the parts of it that stand as words."""
    anywhere = sorted({part for part in (*addresses, name.strip()) if part}, key=len, reverse=True)
    for part in anywhere:
        text = re.sub(re.escape(part), _REDACTED, text, flags=re.IGNORECASE)
    for word in name.split():
        if len(word) >= _SHORTEST_NAME_PART:
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", _REDACTED, text)
    return text
