"""Sending a newsletter: a row for each reader, taken once, some at a time; a dead worker loses and doubles nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from feria_core import clock, db, mail
from feria_core.html import plain_text
from feria_core.jobs import JobContext, enqueue
from feria_core.runtime import core_settings, settings
from feria_landing.addresses import EmailAddress
from feria_landing.fields import address_of
from feria_landing.newsletter import links
from feria_landing.settings import LandingSettings

# Who reads it is decided when it goes out. Suppressed addresses are left out here and again when their turn comes.
_CHOOSE = """
INSERT INTO landing_delivery (newsletter_id, subscription_id, state, at)
SELECT $1, s.id, 'waiting', $4 FROM landing_subscription s
WHERE s.status = 'confirmed' AND s.lists && $2::text[] AND ($3::text IS NULL OR s.locale = $3)
    AND NOT EXISTS (
        SELECT FROM landing_suppression x WHERE x.email_hash = sha256(convert_to(s.email_key, 'UTF8')))
ORDER BY s.id ON CONFLICT DO NOTHING
"""
# Readers are locked against leaving: who leaves before is skipped, who leaves after finds the mail and takes it back.
_TAKE = """
WITH taken AS (
    SELECT d.newsletter_id, d.subscription_id, s.status, s.email, s.email_key, s.locale, s.unsubscribe_token
    FROM landing_delivery d JOIN landing_subscription s ON s.id = d.subscription_id
    WHERE d.newsletter_id = $1 AND d.state = 'waiting' ORDER BY d.subscription_id LIMIT $2
    FOR UPDATE OF d SKIP LOCKED FOR SHARE OF s)
UPDATE landing_delivery d SET at = $3, state = CASE
    WHEN t.status = 'confirmed' AND NOT EXISTS (
        SELECT FROM landing_suppression x WHERE x.email_hash = sha256(convert_to(t.email_key, 'UTF8')))
    THEN 'mailed' ELSE 'skipped' END
FROM taken t
WHERE d.newsletter_id = t.newsletter_id AND d.subscription_id = t.subscription_id
RETURNING d.state, t.email, t.locale, t.unsubscribe_token
"""
_FINISH = """
UPDATE landing_newsletter SET state = 'sent', finished_at = $2, updated_at = $2
WHERE id = $1 AND state = 'sending'
    AND NOT EXISTS (SELECT FROM landing_delivery WHERE newsletter_id = $1 AND state = 'waiting')
"""


@dataclass(frozen=True)
class Letter:
    """What every reader gets."""

    subject: str
    html: str
    text: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Letter:
        """Return the letter; Markdown is its own plain text."""
        text = row["body"] if row["format"] == "markdown" else plain_text(row["body_html"])
        return cls(row["subject"], row["body_html"], text)


async def go_on(ctx: JobContext, newsletter_id: UUID, *, is_first: bool) -> None:
    """Hand the next readers to the mail queue and come back for more; the last time finishes the newsletter.

    Rows, mails, the next job and the mark that this one is done are one transaction.
    """
    async with ctx.effect():
        newsletter = await db.fetch_one(
            "SELECT id, subject, body, format, body_html, lists, locale FROM landing_newsletter"
            " WHERE id = $1 AND state = 'sending' FOR UPDATE",
            newsletter_id,
        )
        if newsletter is None:
            return  # stopped
        if is_first:
            await db.execute(_CHOOSE, newsletter_id, newsletter["lists"], newsletter["locale"], clock.now())
        letter = Letter.of(newsletter)
        readers = await db.fetch_all(_TAKE, newsletter_id, _batch(), clock.now())
        for reader in readers:
            if reader["state"] == "mailed":
                await mail_one(letter, to=address_of(reader["email"]), locale=reader["locale"],
                               token=reader["unsubscribe_token"])  # fmt: skip
        if not await db.execute(_FINISH, newsletter_id, clock.now()):
            run_at = clock.now() + timedelta(seconds=settings(LandingSettings).newsletter_pause_s)
            await enqueue("landing.send_newsletter", run_at=run_at, newsletter_id=str(newsletter_id), is_first=False)


async def mail_one(letter: Letter, *, to: EmailAddress, locale: str, token: str | None) -> None:
    """Queue the newsletter for one reader; without a token, as on trial, there is nothing to unsubscribe from."""
    link = links.unsubscribe(token) if token else None
    await mail.send(
        "landing/newsletter", to=to.deliverable, locale=locale, headers=_headers(link),
        context={"subject": letter.subject, "html": letter.html, "text": letter.text, "link": link},
    )  # fmt: skip


def _batch() -> int:
    return settings(LandingSettings).newsletter_batch


def _headers(link: str | None) -> dict[str, str]:
    """Return what lets a mail client offer one click to leave (RFC 2369, RFC 8058)."""
    domain = parseaddr(core_settings().mail_from)[1].rpartition("@")[2] or "localhost.localdomain"
    headers = {"List-Id": f"<newsletter.{domain}>"}
    if link is not None:
        headers |= {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return headers
