"""Mail: queued in the business transaction, rendered and sent by a worker, once for each event."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import orjson

from feria_core import db
from feria_core.ids import new_id
from feria_core.jobs import insert_of_job, new_job
from feria_core.mail.headers import checked

__all__ = ["send", "withdraw"]

# RFC 2606 keeps it from ever being a domain: it stands where a person was erased.
NOBODY = ".invalid"


async def send(
    template: str,
    *,
    to: str,
    context: Mapping[str, Any],
    locale: str = "en",
    person: UUID | None = None,
    headers: Mapping[str, str] | None = None,
) -> UUID:
    """Queue a mail in the caller's transaction; return its id, from which its Message-ID is made.

    `template` is "<module>/<name>": `<name>.subject.txt`, `<name>.txt` and `<name>.html` in that module's mail
    templates, in a folder for each locale. `context` must be JSON-able; it is erased once the mail is sent. Nothing
    is queued for an address under `.invalid`, which is what is left of an erased person. `person` is the account that
    the mail is about, needed where the address is not (yet) known to be that person's. `headers` may be those that
    `feria_core.mail.headers` allows, of one line of ASCII; ValueError for others.
    """
    mail_id = new_id()
    if to.endswith(NOBODY):
        return mail_id
    job = new_job("core.send_mail", mail_id=str(mail_id))
    await db.execute(
        "WITH mail AS (INSERT INTO core_mail (id, recipient, template, locale, context, person_id, headers)"
        f" VALUES ($1, $2, $3, $4, $5, $6, $7)) {insert_of_job(first=8)}",
        mail_id, to, template, locale, orjson.dumps(dict(context), default=str).decode(), person,
        orjson.dumps(checked(headers)).decode() if headers else None, *job,
    )  # fmt: skip
    return mail_id


async def withdraw(to: str, templates: Collection[str]) -> int:
    """Take back what of these templates waits for the address, in the caller's transaction; return how many.

    For who does not want it any more. What a worker is sending at this moment still arrives.
    """
    db.require_transaction("mail.withdraw()")
    return await db.execute(
        "DELETE FROM core_mail WHERE sent_at IS NULL AND lower(recipient) = lower($1) AND template = ANY ($2)",
        to, list(templates),
    )  # fmt: skip
