"""What staff do with newsletters."""

from __future__ import annotations

from feria_core.http import ApiBlueprint, Page, staff
from feria_landing.contact.schemas import AcceptedOut
from feria_landing.newsletter import campaigns
from feria_landing.newsletter.campaign_schemas import (
    NewsletterBody,
    NewsletterOut,
    NewsletterPatch,
    NewsletterQuery,
    SendBody,
    TestBody,
)

blueprint = ApiBlueprint("landing_admin_newsletters", __name__)
WRITE = staff("landing.newsletter")
PATH = "/api/admin/newsletters"
ONE = f"{PATH}/<newsletter_id>"


@blueprint.endpoint("GET", PATH, access=WRITE, query=NewsletterQuery, returns=Page[NewsletterOut])
async def admin_list_newsletters(query: NewsletterQuery) -> Page[NewsletterOut]:
    """Newsletters and how far they are, the latest first."""
    return await campaigns.listed(query)


@blueprint.endpoint("POST", PATH, access=WRITE, body=NewsletterBody, returns=NewsletterOut, status=201)
async def admin_create_newsletter(body: NewsletterBody) -> NewsletterOut:
    """Write a draft."""
    return await campaigns.create(body)


@blueprint.endpoint("GET", ONE, access=WRITE, returns=NewsletterOut)
async def admin_get_newsletter(newsletter_id: str) -> NewsletterOut:
    """One newsletter and how far it is."""
    return await campaigns.find(newsletter_id)


@blueprint.endpoint("PATCH", ONE, access=WRITE, body=NewsletterPatch, returns=NewsletterOut)
async def admin_edit_newsletter(newsletter_id: str, body: NewsletterPatch) -> NewsletterOut:
    """Change a draft."""
    return await campaigns.edit(newsletter_id, body)


@blueprint.endpoint("DELETE", ONE, access=WRITE, status=204)
async def admin_delete_newsletter(newsletter_id: str) -> None:
    """Delete a draft."""
    await campaigns.remove(newsletter_id)


@blueprint.endpoint("POST", f"{ONE}/test", access=WRITE, body=TestBody, returns=AcceptedOut, status=202)
async def admin_test_newsletter(newsletter_id: str, body: TestBody) -> AcceptedOut:
    """Mail it to one address, to look at."""
    await campaigns.try_out(newsletter_id, body)
    return AcceptedOut()


@blueprint.endpoint("POST", f"{ONE}/send", access=WRITE, body=SendBody, returns=NewsletterOut, status=202)
async def admin_send_newsletter(newsletter_id: str, body: SendBody) -> NewsletterOut:
    """Let it go out, now or at a time."""
    return await campaigns.start(newsletter_id, body)


@blueprint.endpoint("POST", f"{ONE}/stop", access=WRITE, returns=NewsletterOut)
async def admin_stop_newsletter(newsletter_id: str) -> NewsletterOut:
    """Hand nothing more to the mail queue; what is in it goes out."""
    return await campaigns.stop(newsletter_id)
