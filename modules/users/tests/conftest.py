"""People for the tests of users: registering goes through the API and the mailbox, as for anybody."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from feria_core.ports import Registry
from feria_core.runtime import current, registry
from feria_core.testing.client import ApiClient
from feria_core.testing.mailbox import Mail, Mailbox
from feria_core.testing.work import run_jobs

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Somebody:
    """A signed-in customer."""

    email: str
    password: str
    access_token: str
    refresh_token: str
    client: ApiClient


Mails = Callable[[], Awaitable[list[Mail]]]


@pytest.fixture
def mails(mailbox: Mailbox) -> Mails:
    """Deliver what is queued; return every mail, the oldest first."""

    async def delivered() -> list[Mail]:
        await run_jobs()
        return mailbox.mails()[::-1]

    return delivered


@pytest.fixture
def token_in() -> Callable[[Mail], str]:
    """The token of the link in a mail's text."""

    def find(mail: Mail) -> str:
        found = re.search(r"\?token=([A-Za-z0-9_-]+)", mail["text"])
        assert found, mail["text"]
        return found[1]

    return find


@pytest.fixture
def register(client: ApiClient) -> Callable[..., Awaitable[Any]]:
    async def post(email: str = "ana@example.org", password: str = PASSWORD, name: str = "Ana", **headers: str) -> Any:
        body = {"email": email, "password": password, "name": name}
        return await client.post("/api/auth/register", body, headers=headers)

    return post


@pytest.fixture
def login(client: ApiClient) -> Callable[..., Awaitable[Any]]:
    async def post(email: str = "ana@example.org", password: str = PASSWORD, **headers: str) -> Any:
        return await client.post("/api/auth/login", {"email": email, "password": password}, headers=headers)

    return post


@pytest.fixture
def verified(register: Any, mails: Mails, token_in: Any, client: ApiClient) -> Callable[..., Awaitable[None]]:
    """Register and open the link."""

    async def make(email: str = "ana@example.org", password: str = PASSWORD) -> None:
        assert (await register(email, password)).status == 202
        link = next(mail for mail in reversed(await mails()) if "/verify-email?token=" in mail["text"])
        token = token_in(link)
        assert (await client.post("/api/auth/verify-email", {"token": token})).status == 204

    return make


@pytest.fixture
def signed_in(verified: Any, login: Any, client: ApiClient) -> Callable[..., Awaitable[Somebody]]:
    """Register, open the link, sign in."""

    async def make(email: str = "ana@example.org", password: str = PASSWORD) -> Somebody:
        await verified(email, password)
        tokens = (await login(email, password)).json
        return Somebody(
            email, password, tokens["access_token"], tokens["refresh_token"], client.signed_in(tokens["access_token"])
        )

    return make


@pytest.fixture
def contribute(app: Any) -> Iterator[Registry]:
    """The registry, put back as it was after the test."""
    offers = registry()._offers
    before = {name: list(found) for name, found in offers.items()}
    yield current().registry
    offers.clear()
    offers.update(before)
