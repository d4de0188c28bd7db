"""What stands in a furnished shop, and what to send to those routes whose models do not tell it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from PIL import Image

from feria_core import db
from feria_core.testing.guarding import ADMIN

if TYPE_CHECKING:
    from furnished_shop import Furnished

FORM = "multipart/form-data; boundary=cut"


async def give_names(shop: Furnished) -> None:
    """Give new names to what would not take another kind."""
    for rule in (
        "/attributes/<code>", "/custom-fields/<code>", "/collections/<slug>", "/promotions/<promotion_id>",
        "/products/<key>", "/product-types/<code>",
    ):  # fmt: skip
        shop.say({f"PATCH {rule}": {"name": "Another"}})
    sku = shop.shop.facts["sku"]
    shop.say({
        "PUT /price-lists/<code>/prices": {"prices": {sku: {"amount": 900, "currency": "USD"}}},
        "POST /stock/adjustments": {"sku": sku, "change": 5, "reason": "delivery"},
        "POST /products/<key>/variants": {
            "sku": "OAK-WAX", "price": {"amount": 1000, "currency": "USD"}, "options": {"finish": "wax"}
        },
        "PATCH /products/<key>/variants/<variant>": {"price": {"amount": 1100, "currency": "USD"}},
        "PATCH /roles/<role_id>": {"permissions": ["orders.read"]},
        "PATCH /staff/<account_id>": {"status": "disabled"},
        "PATCH /customers/<customer_id>": {"status": "disabled"},
    })  # fmt: skip


async def furnish_content(shop: Furnished) -> None:
    """Translate, preview, answer, limit and suppress something, so that it can be taken back."""
    paths = shop.shop.paths
    post = paths[f"{ADMIN}/blog/posts/<key>:key"]
    await shop.call("PUT", f"/blog/posts/{post}/translations/es", {"title": "Hola", "body": "Sí", "format": "markdown"})
    await shop.call("POST", f"/blog/posts/{post}/previews", {})
    await shop.call("POST", f"/reviews/{paths['review_id']}/reply", {"text": "Thanks"})
    await shop.call("PUT", f"/cart/product-limits/{paths['product_id']}", {"most": 7})
    await shop.call("PUT", f"/tax/exemptions/{paths['customer_id']}", {"reason": "A school"})
    await shop.call("POST", "/subscriptions/suppressions", {"email": "no@example.org"})
    shop.say({"DELETE /subscriptions/suppressions": {"email": "no@example.org"}})
    said = await shop.call("POST", "/testimonials", {"author": "Bo", "quote": "Sturdy."})
    ids = [said["id"], paths[f"{ADMIN}/testimonials/<testimonial_id>:testimonial_id"]]
    shop.say({"PUT /testimonials/order": {"ids": ids}})
    letter = await shop.call("POST", "/newsletters", {"subject": "Sent", "body": "Hello"})
    await shop.call("POST", f"/newsletters/{letter['id']}/send", {})
    shop.name({"/newsletters/<newsletter_id>/stop:newsletter_id": letter["id"]})


async def furnish_pictures(shop: Furnished) -> None:
    """Hang up a picture; others come as files."""
    file = b"sku,name,price\nOAK-CSV,Oak shelf,10.00\n"
    for at, kind, data in (
        ("/products/<key>/media", FORM, _form(_picture("red"))),
        ("/blog/pictures", "image/png", _picture("green")),
        ("/products/import", "text/csv", file),
    ):
        shop.say({f"POST {at}": data})
        shop.types[f"POST {ADMIN}{at}"] = kind
    key = shop.shop.paths["key"]
    shown = await shop.call("POST", f"/products/{key}/media", _form(_picture("blue")), kind=FORM)
    shop.shop.paths["media"] = shown["id"]
    shop.say({"PATCH /products/<key>/media/<media>": {"alt": "An oak table"}})


async def furnish_work(shop: Furnished) -> None:
    """Let a job be a dead letter, a webhook have something to send again, a model have one before it."""
    webhook = shop.shop.paths[f"{ADMIN}/webhooks/<webhook_id>:webhook_id"]
    shop.say({"PATCH /webhooks/<webhook_id>": {"description": "Told to the warehouse"}})
    shop.shop.paths["delivery_id"] = (await shop.call("POST", f"/webhooks/{webhook}/test"))["id"]
    job = await db.fetch_value(
        "UPDATE core_job SET state = 'dead', finished_at = now() WHERE id = ("
        "SELECT id FROM core_job WHERE name = 'core.send_mail' LIMIT 1) RETURNING id"
    )
    shop.shop.paths["job_id"] = str(job)
    shop.say({"POST /jobs/retry": {}})
    for state in ("kept", "active"):
        await db.execute(
            "INSERT INTO personalization_model (state, trained_at, seconds, report) VALUES ($1, now(), 1, '{}')",
            state,
        )  # fmt: skip


async def draw_zones(shop: Furnished) -> None:
    """Draw zones, last of all: where there are some, the ways of shipping of the settings are gone."""
    area: dict[str, Any] = {"name": "West", "countries": ["CA"]}
    for kind, more in (("shipping", {"methods": []}), ("tax", {"rates": {"standard": {"rate": "0.1", "name": "Tax"}}})):
        shop.name({f"/{kind}/zones/<code>:code": "west"})
        await shop.call("PUT", f"/{kind}/zones/west", {**area, **more})


def _picture(color: str) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (8, 6), color).save(data, "PNG")
    return data.getvalue()


def _form(file: bytes) -> bytes:
    head = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    return head + file + b"\r\n--cut--\r\n"
