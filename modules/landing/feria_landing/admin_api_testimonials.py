"""What staff do with testimonials."""

from __future__ import annotations

from feria_core.http import ApiBlueprint, Page, staff
from feria_landing.testimonials import service
from feria_landing.testimonials.schemas import (
    AdminTestimonial,
    OrderBody,
    TestimonialBody,
    TestimonialPatch,
    TestimonialQuery,
)

blueprint = ApiBlueprint("landing_admin_testimonials", __name__)
WRITE = staff("landing.write")
PATH = "/api/admin/testimonials"


@blueprint.endpoint("GET", PATH, access=WRITE, query=TestimonialQuery, returns=Page[AdminTestimonial])
async def admin_list_testimonials(query: TestimonialQuery) -> Page[AdminTestimonial]:
    """Testimonials in their order; `status=pending` are those to be moderated."""
    return await service.listed(query)


@blueprint.endpoint("POST", PATH, access=WRITE, body=TestimonialBody, returns=AdminTestimonial, status=201)
async def admin_create_testimonial(body: TestimonialBody) -> AdminTestimonial:
    """Make a testimonial; visitors see it once its status is published."""
    return await service.create(body)


@blueprint.endpoint("PUT", f"{PATH}/order", access=WRITE, body=OrderBody, status=204)
async def admin_order_testimonials(body: OrderBody) -> None:
    """Choose the order in which they are shown."""
    await service.reorder(body)


@blueprint.endpoint("GET", f"{PATH}/<testimonial_id>", access=WRITE, returns=AdminTestimonial)
async def admin_get_testimonial(testimonial_id: str) -> AdminTestimonial:
    """One testimonial, published or not."""
    return await service.find(testimonial_id)


@blueprint.endpoint(
    "PATCH", f"{PATH}/<testimonial_id>", access=WRITE, body=TestimonialPatch, returns=AdminTestimonial
)  # fmt: skip
async def admin_edit_testimonial(testimonial_id: str, body: TestimonialPatch) -> AdminTestimonial:
    """Change what is named: publish or reject it by `status`."""
    return await service.edit(testimonial_id, body)


@blueprint.endpoint("DELETE", f"{PATH}/<testimonial_id>", access=WRITE, status=204)
async def admin_delete_testimonial(testimonial_id: str) -> None:
    """Delete a testimonial."""
    await service.remove(testimonial_id)
