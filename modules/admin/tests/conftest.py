"""A browser for the tests of the pages: cookies, forms, redirects; staff who sign in as people do."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from quart import Quart

from feria_core.testing.client import ApiClient
from feria_users.repository import staff as staff_rows
from feria_users.service.staff import create_staff

EMAIL, PASSWORD = "owner@example.org", "the first owner of it"


@dataclass(frozen=True)
class Shown:
    """A page as it came."""

    status: int
    headers: Any
    text: str

    @property
    def location(self) -> str:
        return str(self.headers.get("Location", ""))

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        return unescape(found[1]) if found else ""


@dataclass
class Browser:
    """Keeps cookies and says where its forms come from, as browsers do."""

    app: Quart
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> Shown:
        return await self._open("GET", path, None, headers)

    async def send(self, path: str, values: dict[str, str], **headers: str) -> Shown:
        sent = {"Origin": "http://localhost", "Content-Type": "application/x-www-form-urlencoded", **headers}
        return await self._open("POST", path, urlencode(values).encode(), sent)

    async def submit(self, path: str, **values: str) -> Shown:
        """Open the form at `path`, fill it in, send it."""
        form = await self.get(path)
        assert form.status == 200, form.text
        kept = {name: form.hidden(name) for name in ("csrf", "key", "version") if f'name="{name}"' in form.text}
        return await self.send(path, {**kept, **values})

    async def sign_in(self, otp: str = "", email: str = EMAIL, password: str = PASSWORD) -> Shown:
        return await self.send("/admin/sign-in", {"email": email, "password": password, "otp": otp})

    async def _open(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> Shown:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        client: Any = self.app.test_client(use_cookies=False)
        sent = {**({"Cookie": cookie} if cookie else {}), **headers}
        answer = await client.open(path, method=method, headers=sent, data=data)
        for line in answer.headers.getlist("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        return Shown(answer.status_code, answer.headers, await answer.get_data(as_text=True))


@pytest.fixture
def browser(client: ApiClient) -> Browser:
    return Browser(client.app)


@pytest.fixture
def staff_browser(browser: Browser, clock: Any) -> Callable[..., Awaitable[Browser]]:
    """Sign in as staff: an owner, or one who holds just these permissions."""

    async def make(*permissions: str) -> Browser:
        if permissions:
            await staff_rows.ensure_role("some", list(permissions), now=clock.at)
        await create_staff(email=EMAIL, password=PASSWORD, **({"role": "some"} if permissions else {}))
        signed_in = await browser.sign_in()
        assert (signed_in.status, signed_in.location) == (303, "/admin"), signed_in.text
        return browser

    return make
