"""Signing in and out, the language, the files of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from quart import Blueprint, Response, redirect, request
from werkzeug.exceptions import HTTPException

from feria_admin.pages import sessions
from feria_admin.pages.api_call import Answer, call
from feria_admin.pages.drawing import page, refusal, static_file
from feria_admin.pages.incoming import typed
from feria_admin.pages.texts import LOCALES, say
from feria_admin.pages.things import Refused
from feria_admin.pages.visits import (
    LANGUAGE,
    SIGN_IN,
    Visit,
    cookie_name,
    guard,
    is_https,
    local_path,
    locale,
    me,
    staff_page,
)
from feria_core.errors import FeriaError
from feria_core.http.problems import problem_of_unexpected

blueprint = Blueprint("admin_pages", __name__)
YEAR_S = 365 * 86400


@blueprint.errorhandler(FeriaError)
async def refused(error: FeriaError) -> Response:
    """Show a refusal as a page."""
    return refusal(None, error.status, error.title, error.detail)


@blueprint.errorhandler(Refused)
async def refused_by_the_api(error: Refused) -> Response:
    """Likewise, what the API refused to show."""
    return refusal(None, error.status, error.title, str(error))


@blueprint.errorhandler(Exception)
async def crashed(error: Exception) -> Response:
    """Likewise, an error of our own; core logs it and says which status it is."""
    if isinstance(error, HTTPException):
        return refusal(None, error.code or 500, error.name, error.description or "")
    told = problem_of_unexpected(error)
    return refusal(None, told.status_code, say("crashed", locale()), say("crashed_help", locale()))


@blueprint.get(SIGN_IN)
async def sign_in_page() -> Response:
    told = say("session_over", locale()) if request.args.get("over") else None
    return page("sign_in.html", None, email="", next=local_path(request.args.get("next", "")), told=told, problem=None)


@blueprint.post(SIGN_IN)
async def sign_in() -> Response:
    form, language = await typed(None), locale()
    wanted = local_path(form.get("next", ""))
    body = {"email": form.get("email", ""), "password": form.get("password", "")}
    if form.get("otp", "").strip():
        body["otp"] = form["otp"].strip()
    answer = await call("POST", "/api/auth/login", locale=language, body=body)
    if not answer.ok:
        return _again(form, wanted, answer.json, answer.status)
    return await _opened(answer, form, wanted, language)


@blueprint.post("/admin/sign-out")
@staff_page
async def sign_out(visit: Visit) -> Response:
    await typed(visit)
    await _log_out(visit.session, visit.locale)
    response = redirect(SIGN_IN, 303)
    response.delete_cookie(cookie_name(), secure=is_https(), httponly=True, samesite="Strict")
    return response  # type: ignore[return-value]


@blueprint.get("/admin/language/<code>")
async def choose_language(code: str) -> Response:
    response = guard(redirect(local_path(request.args.get("next", "")), 303))  # type: ignore[arg-type]
    if code in LOCALES:
        response.set_cookie(
            LANGUAGE, code, max_age=YEAR_S, path="/admin", secure=is_https(), httponly=True, samesite="Lax"
        )
    return response


@blueprint.get("/admin/static/<name>")
async def static(name: str) -> Response:
    return static_file(name) or refusal(None, 404, say("not_found", locale()), say("not_found_help", locale()))


async def _opened(answer: Answer, form: dict[str, str], wanted: str, language: str) -> Response:
    tokens = answer.json
    probe = sessions.Session("", tokens["access_token"], tokens["refresh_token"])
    profile = await me(probe, language)
    if profile is None or profile["kind"] != "staff":
        await _log_out(probe, language)
        return _again(form, wanted, {"title": say("failed", language), "detail": say("no_staff", language)}, 403)
    if profile["otp_required"] and not profile["permissions"]:
        wanted = "/admin/me"
    old = request.cookies.get(cookie_name())
    if old:
        await sessions.forget(old)
    session = await sessions.begin(tokens, UUID(profile["id"]))
    response = guard(redirect(wanted, 303))  # type: ignore[arg-type]
    response.set_cookie(cookie_name(), session.id, path="/", secure=is_https(), httponly=True, samesite="Strict")
    return response


async def _log_out(session: sessions.Session, language: str) -> None:
    await call("POST", "/api/auth/logout", locale=language, body={"refresh_token": session.refresh_token})
    if session.id:
        await sessions.forget(session.id)


def _again(form: dict[str, str], wanted: str, problem: dict[str, Any], status: int) -> Response:
    """Show the form once more; the address stays, the password is never sent back."""
    email = form.get("email", "")
    return page("sign_in.html", None, status=status, email=email, next=wanted, told=None, problem=problem)
