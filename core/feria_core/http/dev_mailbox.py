"""The development mailbox at /dev/mailbox: every mail that `feria run` caught."""

from __future__ import annotations

from quart import Blueprint, Response, request

from feria_core.http.docs_page import html, templates
from feria_core.http.responses import JSON, to_bytes
from feria_core.runtime import core_settings

blueprint = Blueprint("dev", __name__)
NEWEST = 200


@blueprint.get("/dev/mailbox")
async def mailbox() -> Response:
    from feria_core.testing.mailbox import read_mails

    folder = core_settings().dev_mailbox
    mails = read_mails(folder) if folder else []
    if request.accept_mimetypes.best_match(["text/html", JSON]) == JSON:
        return Response(to_bytes({"items": mails}), content_type=JSON)
    return html(templates().get_template("mailbox.html").render(mails=mails[:NEWEST], total=len(mails)))


@blueprint.delete("/dev/mailbox")
async def empty() -> Response:
    from feria_core.testing.mailbox import clear_mails

    folder = core_settings().dev_mailbox
    if folder:
        clear_mails(folder)
    return Response(b"", status=204)
