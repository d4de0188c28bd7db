"""Mail: queued in the business transaction, rendered and sent by a worker, once for each event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from feria_core import db
from feria_core.ids import new_id
from feria_core.jobs import enqueue

__all__ = ["send"]

# RFC 2606 keeps it from ever being a domain: it stands where a person was erased.
NOBODY = ".invalid"


async def send(
    template: str, *, to: str, context: Mapping[str, Any], locale: str = "en", person: UUID | None = None
) -> UUID:
    """Queue a mail in the caller's transaction; return its id, from which its Message-ID is made.

    `template` is "<module>/<name>": `<name>.subject.txt`, `<name>.txt` and `<name>.html` in that module's mail
    templates, in a folder for each locale. `context` must be JSON-able; it is erased once the mail is sent. Nothing
    is queued for an address under `.invalid`, which is what is left of an erased person. `person` is the account that
    the mail is about, needed where the address is not (yet) known to be that person's.
    """
    mail_id = new_id()
    if to.endswith(NOBODY):
        return mail_id
    await db.execute(
        "INSERT INTO core_mail (id, recipient, template, locale, context, person_id) VALUES ($1, $2, $3, $4, $5, $6)",
        mail_id, to, template, locale, orjson.dumps(dict(context), default=str).decode(), person,
    )  # fmt: skip
    await enqueue("core.send_mail", mail_id=str(mail_id))
    return mail_id
