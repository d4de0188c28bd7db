"""The worker's side of mail: render, hand to the SMTP server, note that it was sent."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from uuid import UUID

import aiosmtplib
import orjson

from feria_core import clock, db
from feria_core.jobs import Dead, JobContext
from feria_core.mail import headers as extra
from feria_core.mail.rendering import Rendered, render
from feria_core.runtime import core_settings

_SENT = """
UPDATE core_mail SET sent_at = $4, context = NULL, headers = NULL WHERE id = $3 AND EXISTS (SELECT FROM done)
"""


async def send_mail(ctx: JobContext, *, mail_id: str) -> None:
    """Send one queued mail. A repeated attempt carries the same Message-ID, so a reader's client can tell."""
    row = await db.fetch_one(
        "SELECT recipient, template, locale, context::text AS context, headers::text AS headers"
        " FROM core_mail WHERE id = $1 AND sent_at IS NULL",
        UUID(mail_id),
    )
    if row is None or row["context"] is None:
        return
    rendered = render(row["template"], row["locale"], orjson.loads(row["context"]))
    headers = orjson.loads(row["headers"]) if row["headers"] else {}
    message = compose(rendered, to=row["recipient"], message_id=mail_id, headers=headers)
    await _hand_over(message)
    await ctx.effect_of(_SENT, UUID(mail_id), clock.now())


def compose(rendered: Rendered, *, to: str, message_id: str, headers: Mapping[str, str] | None = None) -> EmailMessage:
    """Return the message with text and HTML; header injection is refused by the e-mail package's policy."""
    core = core_settings()
    message = EmailMessage()
    message["From"] = core.mail_from
    message["To"] = to
    message["Subject"] = rendered.subject
    message["Date"] = formatdate(usegmt=True)
    domain = parseaddr(core.mail_from)[1].rpartition("@")[2] or "localhost.localdomain"
    message["Message-ID"] = f"<{message_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    extra.add(message, headers or {})
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    return message


async def _hand_over(message: EmailMessage) -> None:
    """Give the message to the SMTP server. Raises Dead for a final refusal (5xx), else what is worth retrying."""
    core = core_settings()
    try:
        await aiosmtplib.send(
            message,
            hostname=core.smtp_host,
            port=core.smtp_port,
            username=core.smtp_user,
            password=core.smtp_password.get_secret_value() if core.smtp_password else None,
            use_tls=core.smtp_tls == "tls",
            start_tls=core.smtp_tls == "starttls",
            timeout=core.smtp_timeout_s,
        )
    except (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPConnectResponseError):
        raise  # a wrong password or a server in trouble says nothing of this mail: it is tried again
    except aiosmtplib.SMTPRecipientsRefused as error:
        if all(refused.code >= 500 for refused in error.recipients):  # noqa: PLR2004 - RFC 5321: 5yz is permanent
            raise Dead("the mail server refuses the recipient for good") from error
        raise
    except aiosmtplib.SMTPResponseException as error:
        if error.code >= 500:  # noqa: PLR2004 - likewise
            raise Dead(f"the mail server refuses the mail for good: {error.code}") from error
        raise
