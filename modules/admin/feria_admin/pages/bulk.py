"""Many things at once: what to do with those that were ticked, and how far it is."""

from __future__ import annotations

from typing import Any

from quart import Response, redirect, request

from feria_admin.pages.aims import Aim
from feria_admin.pages.browsing import asked, sent_query
from feria_admin.pages.choosing import options_of
from feria_admin.pages.drawing import missing, page
from feria_admin.pages.drawn import address
from feria_admin.pages.explaining import explain
from feria_admin.pages.fields import fields_of, titled
from feria_admin.pages.forms import body_of, filled_in
from feria_admin.pages.incoming import sent
from feria_admin.pages.signing_in import blueprint
from feria_admin.pages.visits import Visit, guard, staff_page
from feria_core.ids import new_id
from feria_core.runtime import core_settings

BULK = "/api/admin/bulk"


@blueprint.post("/admin/s/<name>/bulk")
@staff_page
async def begin_bulk(visit: Visit, name: str) -> Response:
    """Ask what the act needs to know, or begin: with the ticked things, or with all that the filters leave."""
    values, _ = await sent(visit)
    section = visit.viewer.section(name)
    acts = visit.viewer.bulk_acts(section) if section else []
    act = next((each for each in acts if each.name == values.get("act")), None)
    spec = visit.viewer.may(act.method, act.path) if act else None
    if section is None or act is None or spec is None:
        return missing(visit)
    keys = [key for key in values.get("keys", "").split("\n") if key]
    is_all = values.get("all") == "true"
    if not keys and not is_all:
        return guard(redirect(address(section), 303))  # type: ignore[arg-type]
    fields = titled(fields_of(spec.body, act.fields), section, visit.locale) if spec.body else ()
    # Versions and pieces are of one thing each: many are done whole.
    asked_for = tuple(each for each in fields if each.kind != "version" and each.name not in act.rows)
    form = filled_in(asked_for, None, currency=core_settings().currency)
    form.options = await options_of(visit, act.choices)
    aim = Aim(section, act, spec)
    count = None if is_all else len(keys)
    if (form.fields or act.confirm) and values.get("sure") != "true":
        return page(
            "bulk_form.html", visit, section=section, act=act, form=form, aim=aim, keys=keys, count=count, is_all=is_all
        )
    body = body_of(form, values, is_change=False, locale=visit.locale)
    wanted: dict[str, Any] = {"section": section.name, "act": act.name, "body": body if spec.body else None}
    if is_all:
        wanted["query"] = dict(sent_query(*asked(visit, section)))
    else:
        wanted["keys"] = keys
    answer = await visit.ask(
        "POST", BULK, body={name: value for name, value in wanted.items() if value is not None}, key=str(new_id())
    )
    if not answer.ok:
        explain(form, answer.json)
        return page(
            "bulk_form.html", visit, status=answer.status, section=section, act=act, form=form, aim=aim, keys=keys,
            count=count, is_all=is_all,
        )  # fmt: skip
    return guard(redirect(f"/admin/bulk/{answer.json['id']}", 303))  # type: ignore[arg-type]


@blueprint.get("/admin/bulk")
@staff_page
async def bulk_list(visit: Visit) -> Response:
    if visit.viewer.may("GET", BULK) is None:
        return missing(visit)
    cursor = request.args.get("cursor", "")
    answer = await visit.ask("GET", BULK, query=[("cursor", cursor)] if cursor else [])
    found = answer.json if answer.ok else {"items": []}
    return page("bulk_list.html", visit, status=answer.status, found=found)


@blueprint.get("/admin/bulk/<key>")
@staff_page
async def bulk_page(visit: Visit, key: str) -> Response:
    if visit.viewer.may("GET", BULK) is None or "/" in key:
        return missing(visit)
    answer = await visit.ask("GET", f"{BULK}/{key}")
    if not answer.ok:
        return missing(visit)
    errors = await visit.ask("GET", f"{BULK}/{key}/errors")
    job = answer.json
    section = visit.viewer.section(job["section"])
    return page("bulk.html", visit, job=job, section=section, errors=errors.json["items"] if errors.ok else [])


@blueprint.post("/admin/bulk/<key>/cancel")
@staff_page
async def cancel_bulk(visit: Visit, key: str) -> Response:
    await sent(visit)
    if "/" in key or visit.viewer.may("GET", BULK) is None:
        return missing(visit)
    await visit.ask("POST", f"{BULK}/{key}/cancel", key=str(new_id()))
    return guard(redirect(f"/admin/bulk/{key}", 303))  # type: ignore[arg-type]
