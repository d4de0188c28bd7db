"""The section of reviews on the staff's pages, and their part of the first page."""

from __future__ import annotations

from feria_core.contracts.admin import Act, AdminSection, Column, DashboardPart
from feria_core.figures import count

PATH = "/api/admin/reviews/{id}"
OPEN = ("status", ("pending", "flagged", "rejected"))
SHOWN = ("status", ("pending", "flagged", "approved"))

COLUMNS = (
    Column("created_at", {"en": "Written", "es": "Escrita"}, "moment"),
    Column("rating", {"en": "Stars", "es": "Estrellas"}, "number"),
    Column("title", {"en": "Title", "es": "Título"}),
    Column("author_name", {"en": "Author", "es": "Autor"}),
    Column("verified_purchase", {"en": "Bought", "es": "Compró"}, "flag"),
    Column("status", {"en": "State", "es": "Estado"}, "status"),
    Column("held_by", {"en": "Held by", "es": "Retenida por"}),
    Column("report_count", {"en": "Reports", "es": "Avisos"}, "number"),
)

REVIEWS = AdminSection(
    name="reviews",
    title={"en": "Reviews", "es": "Reseñas"},
    list_path="/api/admin/reviews",
    columns=COLUMNS,
    empty={"en": "Nobody has reviewed anything yet.", "es": "Nadie ha reseñado nada todavía."},
    item_path=PATH,
    details=(
        *COLUMNS,
        Column("text", {"en": "Text", "es": "Texto"}),
        Column("product_id", {"en": "Product", "es": "Producto"}),
        Column("photos", {"en": "Photos", "es": "Fotos"}, "json"),
        Column("reply.text", {"en": "Our reply", "es": "Nuestra respuesta"}),
        Column("moderation_note", {"en": "Why refused", "es": "Motivo del rechazo"}),
        Column("helpful_count", {"en": "Helpful", "es": "Útil"}, "number"),
        Column("unhelpful_count", {"en": "Not helpful", "es": "No útil"}, "number"),
        Column("reports", {"en": "Reports", "es": "Avisos"}, "json"),
    ),
    search="q",
    filters=("status", "rating", "verified", "reported", "replied", "sort"),
    acts=(
        Act("approve", {"en": "Publish", "es": "Publicar"}, "POST", f"{PATH}/approve", when=OPEN, bulk=True),
        Act(
            "reject",
            {"en": "Refuse", "es": "Rechazar"},
            "POST",
            f"{PATH}/reject",
            fields=("reason",),
            when=SHOWN,
            bulk=True,
        ),
        Act("reply", {"en": "Reply in public", "es": "Responder en público"}, "POST", f"{PATH}/reply"),
        Act(
            "withdraw_reply",
            {"en": "Take the reply away", "es": "Retirar la respuesta"},
            "DELETE",
            f"{PATH}/reply",
            confirm={"en": "Take the reply away?", "es": "¿Retirar la respuesta?"},
        ),
    ),
    group="marketing",
)

WAITING = DashboardPart(
    name="reviews_to_moderate",
    title={"en": "Reviews to decide", "es": "Reseñas por decidir"},
    permission="reviews.moderate",
    value=count("SELECT count(*) FROM reviews_review WHERE status IN ('pending', 'flagged')"),
    section="reviews",
    query={"status": "pending"},
    is_work=True,
)
