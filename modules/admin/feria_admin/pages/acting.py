"""Doing: the forms of new things, of changes and of acts, and what the API says to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from quart import Response, redirect

from feria_admin.pages.aims import Aim, aim_at
from feria_admin.pages.api_call import Answer
from feria_admin.pages.choosing import found_of, options_of
from feria_admin.pages.drawing import missing, page
from feria_admin.pages.drawn import address, filled, member, variables
from feria_admin.pages.explaining import explain
from feria_admin.pages.fields import Field, fields_of, titled
from feria_admin.pages.forms import SPARE_ROWS, Form, body_of, filled_in, shared_name
from feria_admin.pages.incoming import File, sent
from feria_admin.pages.signing_in import blueprint
from feria_admin.pages.texts import say
from feria_admin.pages.things import thing_of
from feria_admin.pages.visits import Visit, guard, staff_page
from feria_core.ids import new_id
from feria_core.runtime import core_settings

UNREADABLE = 422
MORE, FIND = "more", "find"
MAX_SEARCH = 200
RULES = (
    "/admin/s/<name>/new",
    "/admin/s/<name>/do/<act>",
    "/admin/s/<name>/i/<key>/<act>",
    "/admin/s/<name>/i/<key>/p/<part>/<act>",
    "/admin/s/<name>/i/<key>/p/<part>/<row>/<act>",
)


@staff_page
async def form_page(visit: Visit, **variables: str) -> Response:
    """Show the form of an act."""
    aim = await aim_at(visit, **variables)
    return _form_page(visit, aim, await _blank(visit, aim)) if aim else missing(visit)


@staff_page
async def do(visit: Visit, **variables: str) -> Response:
    """Do what a form says, or show it again with what is wrong."""
    aim = await aim_at(visit, **variables)
    values, file = await sent(visit, takes_file=bool(aim and aim.act.upload))
    if aim is None:
        return missing(visit)
    form = await _blank(visit, aim)
    body = body_of(form, values, is_change=aim.is_change and not aim.is_replaced, locale=visit.locale)
    # A new thing whose key is in its address, such as a zone's code: it is typed like the rest.
    about = {**aim.about, **{name: body.pop(name, "") for name in _asked_for(aim)}}
    path = filled(aim.act.path, about)
    if path is None and _asked_for(aim):
        form.errors[_asked_for(aim)[0]] = say("key_needed", visit.locale)
    elif path is None:
        return missing(visit)
    if await _searched(visit, aim, form, values) or _has_grown(form, values):
        return _form_page(visit, aim, form)
    if aim.act.upload and file is None:
        form.errors["file"] = say("file_needed", visit.locale)
    if form.errors:
        return _form_page(visit, aim, form, status=UNREADABLE)
    answer = await _ask(visit, aim, str(path), body, file, values.get("key", ""))
    if not answer.ok:
        return await _refused(visit, aim, form, answer)
    return await _done(visit, aim, answer)


for _rule in RULES:
    blueprint.add_url_rule(_rule, f"form {_rule}", form_page, methods=["GET"])
    blueprint.add_url_rule(_rule, f"do {_rule}", do, methods=["POST"])


async def _ask(visit: Visit, aim: Aim, path: str, body: dict[str, Any], file: File | None, key: str) -> Answer:
    idempotency = (key or str(new_id()))[:200]
    if file is None:
        return await visit.ask(aim.act.method, path, body=body if aim.spec.body else None, key=idempotency)
    texts = {name: value if isinstance(value, str) else str(value).lower() for name, value in body.items()}
    asked = aim.spec.query.model_fields if aim.spec.query else {}
    query = [(name, value) for name, value in texts.items() if name in asked]
    form = file.form({name: value for name, value in texts.items() if name not in asked})
    return await visit.ask(aim.act.method, path, query=query, form=form, key=idempotency)


async def _refused(visit: Visit, aim: Aim, form: Form, answer: Answer) -> Response:
    problem: Mapping[str, Any] = answer.json
    if answer.status >= 500:  # noqa: PLR2004 - the class of server errors
        form.problem = problem
        return _form_page(visit, aim, form, status=answer.status)
    explain(form, problem)
    if problem.get("code") == "stale_version" and aim.key is not None:
        form.general.append(say("stale", visit.locale))
        now = await thing_of(visit, aim.section, aim.key)
        if now is not None and "version" in now:
            form.values["version"] = str(now["version"])
    return _form_page(visit, aim, form, status=answer.status)


async def _done(visit: Visit, aim: Aim, answer: Answer) -> Response:
    """Go on to the thing; what its page would not show is shown here, since it may never be shown again."""
    section, act = aim.section, aim.act
    answered = answer.json if isinstance(answer.json, Mapping) else None
    if act is section.create and answered:
        made = str(member(answered, section.key))
        thing = await thing_of(visit, section, made)
        if thing is not None and set(answered) <= set(thing):
            return _go(address(section, "i", made), act.name)
    if answered and (aim.key is None or act.tells):
        return page("result.html", await visit.again(), section=section, act=act, answered=answered, back=aim.back)
    if aim.key is not None:
        is_gone = act.method == "DELETE" and act.path == section.item_path
        return _go(address(section) if is_gone else address(section, "i", aim.key), act.name)
    return _go(address(section), act.name)


def _go(target: str, act: str) -> Response:
    return guard(redirect(f"{target}?done={quote(act, safe='')}", 303))  # type: ignore[arg-type]


def _form_page(visit: Visit, aim: Aim, form: Form, *, status: int = 200) -> Response:
    return page("form.html", visit, status=status, section=aim.section, act=aim.act, key=aim.key, form=form, aim=aim)


async def _blank(visit: Visit, aim: Aim) -> Form:
    fields = fields_of(aim.spec.body, aim.act.fields) if aim.spec.body else ()
    if aim.act.upload:
        fields = _beside_the_file(aim)
    fields = (*(Field(name, "text", name, is_required=True) for name in _asked_for(aim)), *fields)
    form = filled_in(
        titled(fields, aim.section, visit.locale),
        aim.standing,
        currency=core_settings().currency,
        rows=aim.act.rows,
        about=aim.about,
    )
    version = (aim.standing or {}).get("version", aim.about.get("version"))
    if version is not None and any(each.kind == "version" for each in fields):
        form.values["version"] = str(version)
    form.options = await options_of(visit, aim.act.choices)
    return form


def _asked_for(aim: Aim) -> tuple[str, ...]:
    return variables(aim.act.path) if aim.key is None else ()


def _beside_the_file(aim: Aim) -> tuple[Field, ...]:
    """Return what goes along with a file: members of the route's query, else plain texts."""
    asked = {each.name: each for each in fields_of(aim.spec.query, aim.act.fields)} if aim.spec.query else {}
    return tuple(asked.get(name) or Field(name, "text", name.capitalize()) for name in aim.act.fields)


def _has_grown(form: Form, values: Mapping[str, str]) -> bool:
    """Add rows where the form was sent for that alone."""
    if values.get(MORE) not in form.counts:
        return False
    form.counts[values[MORE]] += SPARE_ROWS
    _fill_spare(form)
    return True


async def _searched(visit: Visit, aim: Aim, form: Form, values: Mapping[str, str]) -> bool:
    """Put what was searched for into its fields; return True where that was all that the form was sent for."""
    texts = {each.name: values.get(f"{each.name}.find", "").strip()[:MAX_SEARCH] for each in form.leaves()}
    known = {name: aim.act.choices.get(shared_name(name)) for name, text in texts.items() if text}
    wanted = {name: (choices, texts[name]) for name, choices in known.items() if choices and choices.search}
    found = await found_of(visit, wanted)
    form.options |= found
    for name, options in found.items():
        if not form.values[name].strip() and len(options.known) == 1:
            form.values[name] = options.known[0][0]
    is_search = values.get(MORE) == FIND or any(not values.get(name, "").strip() for name in wanted)
    if is_search:
        form.errors.clear()
    return is_search


def _fill_spare(form: Form) -> None:
    for each in form.leaves():
        if each.name not in form.values:
            form.values[each.name] = ""
            if each.kind == "money":
                form.values[f"{each.name}.currency"] = form.currency
