"""What core's own tables know of a person: mails, events, jobs, stored answers, limits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import orjson

from feria_core import db
from feria_core.contracts.privacy import DataSubject, Json
from feria_core.events import known
from feria_core.runtime import current

ERASED = "[erased]"
# What may stand in an address: "ana@example.org" is not looked for inside of "diana@example.org.mx".
_BEFORE, _AFTER = r"(?<![\w.!#$%&'*+/=?^`{|}~-])", r"(?![\w-]|\.\w)"

# Rows whose text holds an address while it was the person's; the regular expression has the last word.
_MENTIONS = """
EXISTS (SELECT FROM unnest($1::text[], $2::timestamptz[]) AS a (form, until)
        WHERE {at} <= a.until AND strpos(lower({text} COLLATE "C"), a.form) > 0)
"""
_TO_PERSON = """
(person_id = $3 OR EXISTS (SELECT FROM unnest($1::text[], $2::timestamptz[]) AS a (form, until)
                           WHERE lower(recipient COLLATE "C") = a.form AND created_at <= a.until))
"""
_ESCAPED_ANSWERS = """
SELECT scope, key, body FROM core_idempotency WHERE EXISTS (
    SELECT FROM unnest($1::text[], $2::timestamptz[]) AS a (form, until)
    WHERE expires_at - interval '1 day' <= a.until
      AND strpos(lower(encode(body, 'escape') COLLATE "C"), lower(encode(convert_to(form, 'UTF8'), 'escape'))) > 0)
"""


class CorePersonalData:
    """Core's part of the port `personal_data`; asked last, when the modules have queued what they queue."""

    section = "core"

    async def export(self, subject: DataSubject) -> Mapping[str, Json]:
        """Return mails, acts of staff and stored answers. What mails said is left out: links in it are secrets."""
        mails = await db.fetch_all(
            f"SELECT recipient, template, locale, created_at::text, sent_at::text FROM core_mail WHERE {_TO_PERSON}"
            " ORDER BY id",
            *subject.spellings(),
            subject.user_id,
        )
        acts = await db.fetch_all(
            "SELECT at::text, action, object_type, address FROM core_audit WHERE actor_id = $1 OR object_id = $1"
            " ORDER BY at",
            str(subject.user_id),
        )
        answers = await db.fetch_all(
            "SELECT key, status, expires_at::text FROM core_idempotency WHERE scope = ANY ($1) ORDER BY expires_at",
            _scopes(subject),
        )
        return {
            "mails": [dict(row) for row in mails],
            "audit": [dict(row) for row in acts],
            "idempotency_keys": [dict(row) for row in answers],
        }

    async def erase(self, subject: DataSubject) -> None:
        """Delete mails to the person and answers given to them; blank them in what is under way to others."""
        person = _Person(subject)
        await db.execute("DELETE FROM core_idempotency WHERE scope = ANY ($1)", _scopes(subject))
        await db.execute("DELETE FROM core_rate_limit WHERE strpos(key, $1) > 0", str(subject.user_id))
        # A job that has one of the mails to send finds nothing and is done.
        await db.execute(f"DELETE FROM core_mail WHERE {_TO_PERSON}", *subject.spellings(), subject.user_id)
        await _blank_events(person)
        if person.forms:
            await _delete_answers(person)
            for table, column, at in (
                ("core_mail", "context", "created_at"),
                ("core_mail", "headers", "created_at"),
                ("core_outbox", "payload", "occurred_at"),
                ("core_job", "arguments", "created_at"),
            ):
                await _redact(person, table, column, at)
            await _forget_reasons(person)


class _Person:
    """The subject, with what it takes to find its addresses in text."""

    def __init__(self, subject: DataSubject) -> None:
        self.id = str(subject.user_id)
        self.forms, self.untils = subject.spellings()
        found = "|".join(re.escape(form) for form in sorted(self.forms, key=len, reverse=True))
        self._pattern = re.compile(f"{_BEFORE}(?:{found}){_AFTER}", re.IGNORECASE) if found else None

    def is_in(self, text: str) -> bool:
        return self._pattern is not None and self._pattern.search(text) is not None

    def taken_out(self, value: Any) -> Any:
        """Return JSON with the person's addresses replaced in every text, keys too."""
        if isinstance(value, str):
            return self._pattern.sub(ERASED, value) if self._pattern else value
        if isinstance(value, list):
            return [self.taken_out(part) for part in value]
        if isinstance(value, dict):
            return {self.taken_out(key): self.taken_out(part) for key, part in value.items()}
        return value


def _scopes(subject: DataSubject) -> list[str]:
    return [f"{kind}:{subject.user_id}" for kind in ("customer", "staff")]


async def _delete_answers(person: _Person) -> None:
    """Delete answers to guests and staff that show the person; what they repeat is idempotent by keys of its own."""
    for row in await db.fetch_all(_ESCAPED_ANSWERS, person.forms, person.untils):
        if person.is_in(bytes(row["body"]).decode("utf-8", "replace")):
            await db.execute("DELETE FROM core_idempotency WHERE scope = $1 AND key = $2", row["scope"], row["key"])


async def _redact(person: _Person, table: str, column: str, at: str) -> None:
    """Take the addresses out of JSON that is about somebody else too."""
    mentions = _MENTIONS.format(at=at, text=f"{column}::text")
    rows = await db.fetch_all(
        f"SELECT id, {column}::text AS text FROM {table} WHERE {mentions} ORDER BY id FOR UPDATE",
        person.forms, person.untils,
    )  # fmt: skip
    for row in rows:
        if person.is_in(row["text"]):
            cleaned = orjson.dumps(person.taken_out(orjson.loads(row["text"]))).decode()
            await db.execute(f"UPDATE {table} SET {column} = $2 WHERE id = $1", row["id"], cleaned)


async def _forget_reasons(person: _Person) -> None:
    """A job's last error can quote what the database refused."""
    mentions = _MENTIONS.format(at="created_at", text="last_error")
    await db.execute(
        f"UPDATE core_job SET last_error = '{ERASED}' WHERE last_error IS NOT NULL AND {mentions}",
        person.forms, person.untils,
    )  # fmt: skip


async def _blank_events(person: _Person) -> None:
    """Empty the personal fields of events about the person, delivered or on their way."""
    personal = _personal_fields()
    if not personal:
        return
    mentions = _MENTIONS.format(at="occurred_at", text="payload::text")
    rows = await db.fetch_all(
        "SELECT id, name, payload::text AS payload FROM core_outbox WHERE name = ANY ($3)"
        f" AND (strpos(payload::text, $4) > 0 OR {mentions}) ORDER BY id FOR UPDATE",
        person.forms, person.untils, sorted(personal), person.id,
    )  # fmt: skip
    for row in rows:
        payload = orjson.loads(row["payload"])
        if _is_about(person, payload, personal[row["name"]]):
            blanked = payload | {name: _blank(payload[name]) for name in personal[row["name"]] if name in payload}
            await db.execute(
                "UPDATE core_outbox SET payload = $2 WHERE id = $1", row["id"], orjson.dumps(blanked).decode()
            )


def _is_about(person: _Person, payload: Mapping[str, Any], personal: Sequence[str]) -> bool:
    if person.id in payload.values():
        return True
    return any(person.is_in(value) for name in personal if isinstance(value := payload.get(name), str))


def _personal_fields() -> dict[str, tuple[str, ...]]:
    """Return the names of personal fields by event: whatever may stand in the outbox."""
    found = {}
    for name, kind in {**known(), **{n: s[0][1].event for n, s in current().subscriptions.items()}}.items():
        marked = tuple(field.name for field in fields(kind) if field.metadata.get("personal"))
        if marked:
            found[name] = marked
    return found


def _blank(value: Any) -> Any:
    """Return an empty value of the same kind, so that a subscriber can still read the event."""
    if isinstance(value, (str, list, dict)):
        return type(value)()
    return value
