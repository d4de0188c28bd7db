"""A request of the pages: who looks, in which language; what guards each answer and each form."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from quart import Response, redirect, request

from feria_admin.pages import sessions
from feria_admin.pages.api_call import Answer, call
from feria_admin.pages.drawn import Viewer
from feria_admin.pages.sessions import Session
from feria_admin.pages.texts import LOCALES
from feria_core.errors import Unauthenticated, Unavailable
from feria_core.http.request import locale as asked_locale
from feria_core.runtime import core_settings

LANGUAGE = "feria-admin-language"
SIGN_IN = "/admin/sign-in"
PAGES = tuple(f"/admin{below}" for below in ("?", "/s/", "/r/", "/me", "/analytics", "/bulk", "/modules"))
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


class SignedOut(Exception):
    """The session has ended, here or at the API."""


@dataclass(frozen=True)
class Visit:
    """One of the staff at a page."""

    session: Session
    viewer: Viewer
    name: str
    locale: str
    acting_for: tuple[Mapping[str, Any], ...] = ()

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        """Return what the API answers this person. Raises SignedOut where the session holds no longer."""
        answer = await call(method, path, locale=self.locale, token=self.session.access_token, **options)
        if answer.status == 401 and answer.json.get("code") == Unauthenticated.code:  # noqa: PLR2004 - not a wrong password
            await sessions.forget(self.session.id)
            raise SignedOut
        return answer

    async def again(self) -> Visit:
        """Return the visit as it stands after what was just done. Raises SignedOut."""
        profile = await me(self.session, self.locale)
        if profile is None:
            raise SignedOut
        return _visit_of(self.session, profile, self.locale)


def staff_page(page: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    """Let `page(visit, ...)` answer staff who are signed in, and send everybody else to sign in."""

    @functools.wraps(page)
    async def guarded(**variables: Any) -> Response:
        try:
            visit = await _visit()
            return await page(visit, **variables) if visit else _to_sign_in()
        except SignedOut:
            return _to_sign_in()

    return guarded


async def me(session: Session, locale: str) -> Mapping[str, Any] | None:
    """Return the profile behind a session, or None where the API no longer knows it."""
    answer = await call("GET", "/api/users/me", locale=locale, token=session.access_token)
    if answer.status >= 500:  # noqa: PLR2004 - the class of server errors
        raise Unavailable("Who you are could not be asked just now: try again in a moment.")
    profile: Mapping[str, Any] | None = answer.json if answer.ok else None
    return profile


def locale() -> str:
    """Return the language of the pages: the one chosen, else the browser's."""
    chosen = request.cookies.get(LANGUAGE) or asked_locale()
    return chosen if chosen in LOCALES else LOCALES[0]


def cookie_name() -> str:
    """Return the session cookie's name; only this host can set one with the prefix, and only by https."""
    return "__Host-feria-admin" if is_https() else "feria-admin"


def is_https() -> bool:
    """Return True where people reach the shop by https."""
    return core_settings().public_url.startswith("https://")


def guard(response: Response) -> Response:
    """Return the page with the policies of all pages; what may be kept says so itself."""
    response.headers["Content-Security-Policy"] = CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    # Not `no-referrer`: browsers would send `Origin: null` with the pages' own forms.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def local_path(wanted: str) -> str:
    """Return a page's address to go on to, the home page for anything that is none."""
    is_page = wanted == "/admin" or wanted.startswith(PAGES)
    return wanted if is_page and wanted.isprintable() and "\\" not in wanted and len(wanted) < 1000 else "/admin"  # noqa: PLR2004


async def _visit() -> Visit | None:
    language = locale()
    session = await sessions.find(request.cookies.get(cookie_name()), locale=language)
    if session is None:
        return None
    profile = await me(session, language)
    if profile is None or profile["kind"] != "staff":
        await sessions.forget(session.id)
        return None
    return _visit_of(session, profile, language)


def _visit_of(session: Session, profile: Mapping[str, Any], language: str) -> Visit:
    viewer = Viewer(frozenset(profile["permissions"]))
    return Visit(session, viewer, profile["name"], language, tuple(profile["acting_for"]))


def _to_sign_in() -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else "/admin"
    target = f"{SIGN_IN}?over=1&next={quote(wanted, safe='')}" if request.cookies.get(cookie_name()) else SIGN_IN
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": target})
    response = redirect(target, 303)
    response.delete_cookie(cookie_name(), secure=is_https(), httponly=True, samesite="Strict")
    return response  # type: ignore[return-value]
