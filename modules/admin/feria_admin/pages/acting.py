"""Doing: the forms of new things, of changes and of acts, and what the API says to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quart import Response, redirect

from feria_admin.pages.api_call import Answer
from feria_admin.pages.drawing import missing, page
from feria_admin.pages.drawn import address, filled, is_about_one, member
from feria_admin.pages.fields import fields_of, titled
from feria_admin.pages.forms import Form, body_of, explain, filled_in
from feria_admin.pages.signing_in import blueprint
from feria_admin.pages.texts import say
from feria_admin.pages.things import has_page, thing_of
from feria_admin.pages.visits import Visit, guard, staff_page, typed
from feria_core.contracts.admin import Act, AdminSection
from feria_core.http.blueprint import Endpoint
from feria_core.ids import new_id
from feria_core.runtime import core_settings

UNREADABLE = 422


@blueprint.route("/admin/s/<name>/new", methods=["GET"])
@staff_page
async def new_thing(visit: Visit, name: str) -> Response:
    section = visit.viewer.section(name)
    return await _show(visit, section, section.create if section else None, None)


@blueprint.post("/admin/s/<name>/new")
@staff_page
async def create_thing(visit: Visit, name: str) -> Response:
    section = visit.viewer.section(name)
    return await _do(visit, section, section.create if section else None, None)


@blueprint.get("/admin/s/<name>/do/<act>")
@staff_page
async def section_act_form(visit: Visit, name: str, act: str) -> Response:
    section = visit.viewer.section(name)
    return await _show(visit, section, _named(section, act, about_one=False), None)


@blueprint.post("/admin/s/<name>/do/<act>")
@staff_page
async def section_act(visit: Visit, name: str, act: str) -> Response:
    section = visit.viewer.section(name)
    return await _do(visit, section, _named(section, act, about_one=False), None)


@blueprint.get("/admin/s/<name>/i/<key>/<act>")
@staff_page
async def act_form(visit: Visit, name: str, key: str, act: str) -> Response:
    section = visit.viewer.section(name)
    return await _show(visit, section, _named(section, act, about_one=True), key)


@blueprint.post("/admin/s/<name>/i/<key>/<act>")
@staff_page
async def do_act(visit: Visit, name: str, key: str, act: str) -> Response:
    section = visit.viewer.section(name)
    return await _do(visit, section, _named(section, act, about_one=True), key)


async def _show(visit: Visit, section: AdminSection | None, act: Act | None, key: str | None) -> Response:
    spec = visit.viewer.may(act.method, act.path) if act else None
    thing = await thing_of(visit, section, key) if section and key is not None else {}
    if section is None or act is None or spec is None or thing is None:
        return missing(visit)
    return _form_page(visit, section, act, key, _blank(visit, section, act, spec, thing))


async def _do(visit: Visit, section: AdminSection | None, act: Act | None, key: str | None) -> Response:
    sent = await typed(visit)
    spec = visit.viewer.may(act.method, act.path) if act else None
    thing = await thing_of(visit, section, key) if section and key is not None else {}
    path = filled(act.path, thing) if act and thing is not None else None
    if section is None or act is None or spec is None or thing is None or path is None:
        return missing(visit)
    form = _blank(visit, section, act, spec, thing)
    body = body_of(form, sent, is_change=_is_edit(section, act), locale=visit.locale)
    if form.errors:
        return _form_page(visit, section, act, key, form, status=UNREADABLE)
    idempotency = sent.get("key", "") or str(new_id())
    answer = await visit.ask(act.method, path, body=body if spec.body else None, key=idempotency[:200])
    if not answer.ok:
        return await _refused(visit, section, act, key, form, answer)
    return await _done(visit, section, act, key, answer)


async def _refused(
    visit: Visit, section: AdminSection, act: Act, key: str | None, form: Form, answer: Answer
) -> Response:
    problem: Mapping[str, Any] = answer.json
    if answer.status >= 500:  # noqa: PLR2004 - the class of server errors
        form.problem = problem
        return _form_page(visit, section, act, key, form, status=answer.status)
    explain(form, problem)
    if problem.get("code") == "stale_version" and key is not None:
        form.general.append(say("stale", visit.locale))
        now = await thing_of(visit, section, key)
        if now is not None and "version" in now:
            form.values["version"] = str(now["version"])
    return _form_page(visit, section, act, key, form, status=answer.status)


async def _done(visit: Visit, section: AdminSection, act: Act, key: str | None, answer: Answer) -> Response:
    """Go on to the thing; what its page would not show is shown here, since it may never be shown again."""
    answered = answer.json if isinstance(answer.json, Mapping) else None
    if act is section.create and answered and has_page(visit, section):
        made = str(member(answered, section.key))
        thing = await thing_of(visit, section, made)
        if thing is not None and set(answered) <= set(thing):
            return _go(address(section, "i", made))
    if key is not None:
        return _go(
            address(section) if act.method == "DELETE" and act.path == section.item_path else _page_of(section, key)
        )
    if answered:
        return page("result.html", visit, section=section, act=act, answered=answered)
    return _go(address(section))


def _page_of(section: AdminSection, key: str) -> str:
    return address(section, "i", key)


def _go(target: str) -> Response:
    return guard(redirect(f"{target}?done=1", 303))  # type: ignore[arg-type]


def _form_page(
    visit: Visit, section: AdminSection, act: Act, key: str | None, form: Form, *, status: int = 200
) -> Response:
    back = address(section) if key is None else _page_of(section, key)
    return page("form.html", visit, status=status, section=section, act=act, key=key, form=form, back=back)


def _blank(visit: Visit, section: AdminSection, act: Act, spec: Endpoint, thing: Mapping[str, Any]) -> Form:
    fields = titled(fields_of(spec.body, act.fields), section, visit.locale) if spec.body else ()
    form = filled_in(fields, thing if _is_edit(section, act) else None, currency=core_settings().currency)
    if "version" in thing and any(each.kind == "version" for each in fields):
        form.values["version"] = str(thing["version"])
    return form


def _is_edit(section: AdminSection, act: Act) -> bool:
    return act is section.edit


def _named(section: AdminSection | None, name: str, *, about_one: bool) -> Act | None:
    if section is None:
        return None
    known = [act for act in (section.edit, *section.acts) if act is not None]
    return next((act for act in known if act.name == name and is_about_one(act) == about_one), None)
