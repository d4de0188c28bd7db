"""A mailing service that keeps readers of its own: told who has subscribed, and who does not want mail any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from feria_core.ports import Port


@dataclass(frozen=True)
class Reader:
    """Somebody who has confirmed; `lists` are the codes of the newsletters, none for who reads none any more."""

    id: UUID
    email: str
    lists: tuple[str, ...]
    locale: str
    confirmed_at: datetime | None


class MailingService(Protocol):
    """Contributed by a module that speaks to a mailing service; called by a worker, never inside a request.

    Both are called at least once for each change, with what is so at that moment: repeat them safely. What they raise
    is tried again later. Newsletters themselves go out by SMTP, which the service may be the server of.
    """

    async def subscribed(self, reader: Reader) -> None:
        """Let the reader be one of the service's, with these lists alone."""
        ...

    async def unsubscribed(self, reader: Reader) -> None:
        """Let the reader get nothing any more."""
        ...


MAILING_SERVICES: Port[MailingService] = Port("mailing_services", version="1.0")
