"""The module's sections of the staff's pages."""

from __future__ import annotations

from feria_core.contracts.admin import Act, AdminSection, Column, DashboardPart, Text
from feria_core.figures import count

CREATED = Column("created_at", {"en": "Created", "es": "Creado"}, "moment")
STATUS = Column("status", {"en": "Status", "es": "Estado"}, "status")
EMAIL = Column("email", {"en": "E-mail", "es": "Correo"})
EDIT: Text = {"en": "Edit", "es": "Editar"}
DELETE: Text = {"en": "Delete", "es": "Eliminar"}
SURE: Text = {"en": "Delete it for good?", "es": "¿Eliminarlo definitivamente?"}


def _title(text: str, translated: str) -> Text:
    return {"en": text, "es": translated}


def _delete(path: str) -> Act:
    return Act("delete", DELETE, "DELETE", path, confirm=SURE)


_EVENT = "/api/admin/events/{id}"
EVENTS = AdminSection(
    name="events",
    title=_title("Events", "Eventos"),
    list_path="/api/admin/events",
    item_path=_EVENT,
    columns=(
        Column("title", _title("Title", "Título")),
        Column("starts_at", _title("Begins", "Comienza"), "moment"),
        STATUS,
        Column("event_status", _title("Takes place", "Se celebra"), "status"),
    ),
    details=(
        Column("title", _title("Title", "Título")),
        Column("slug", _title("Address", "Dirección")),
        Column("starts_local", _title("Begins", "Comienza")),
        Column("time_zone", _title("Time zone", "Zona horaria")),
        Column("rrule", _title("Recurs", "Se repite")),
        Column("location", _title("Place", "Lugar")),
        STATUS,
        Column("publish_at", _title("Shown from", "Visible desde"), "moment"),
        Column("event_status", _title("Takes place", "Se celebra"), "status"),
        Column("description_html", _title("Description", "Descripción"), "html"),
    ),
    empty=_title("No events yet: make the first.", "Aún no hay eventos: cree el primero."),
    search="q",
    filters=("status",),
    create=Act("create", _title("New event", "Nuevo evento"), "POST", "/api/admin/events"),
    edit=Act("edit", EDIT, "PATCH", _EVENT),
    acts=(_delete(_EVENT),),
    group="content",
)
_TESTIMONIAL = "/api/admin/testimonials/{id}"
TESTIMONIALS = AdminSection(
    name="testimonials",
    title=_title("Testimonials", "Testimonios"),
    list_path="/api/admin/testimonials",
    item_path=_TESTIMONIAL,
    columns=(
        Column("author", _title("Author", "Autor")),
        Column("company", _title("Company", "Empresa")),
        Column("quote", _title("Quote", "Cita")),
        Column("position", _title("Position", "Posición"), "number"),
        STATUS,
    ),
    empty=_title("Nobody has said anything yet.", "Nadie ha dicho nada todavía."),
    filters=("status",),
    create=Act("create", _title("New testimonial", "Nuevo testimonio"), "POST", "/api/admin/testimonials"),
    edit=Act("edit", EDIT, "PATCH", _TESTIMONIAL),
    acts=(_delete(_TESTIMONIAL),),
    group="content",
)
_CONTACT = "/api/admin/contacts/{id}"
CONTACTS = AdminSection(
    name="contacts",
    title=_title("Messages", "Mensajes"),
    list_path="/api/admin/contacts",
    item_path=_CONTACT,
    columns=(
        Column("name", _title("Name", "Nombre")),
        EMAIL,
        Column("subject", _title("Subject", "Asunto")),
        STATUS,
        CREATED,
    ),
    details=(
        Column("name", _title("Name", "Nombre")),
        EMAIL,
        Column("subject", _title("Subject", "Asunto")),
        Column("message", _title("Message", "Mensaje")),
        Column("replies", _title("Answers", "Respuestas"), "json"),
        STATUS,
        CREATED,
    ),
    empty=_title("No messages.", "No hay mensajes."),
    search="q",
    filters=("status",),
    edit=Act("edit", _title("Change the status", "Cambiar el estado"), "PATCH", _CONTACT),
    acts=(
        Act("reply", _title("Answer", "Responder"), "POST", f"{_CONTACT}/reply", fields=("message",)),
        _delete(_CONTACT),
    ),
    group="people",
)
_SUBSCRIPTION = "/api/admin/subscriptions/{id}"
SUBSCRIPTIONS = AdminSection(
    name="subscriptions",
    title=_title("Subscriptions", "Suscripciones"),
    list_path="/api/admin/subscriptions",
    item_path=_SUBSCRIPTION,
    columns=(EMAIL, STATUS, Column("lists", _title("Newsletters", "Boletines"), "json"), CREATED),
    details=(
        EMAIL,
        STATUS,
        Column("lists", _title("Newsletters", "Boletines"), "json"),
        Column("is_suppressed", _title("Never mailed", "Nunca se le escribe"), "flag"),
        Column("consents", _title("Proof of consent", "Prueba del consentimiento"), "json"),
        CREATED,
    ),
    empty=_title("Nobody has subscribed yet.", "Nadie se ha suscrito todavía."),
    search="q",
    filters=("status", "list"),
    acts=(
        Act("suppress", _title("Never mail an address", "No escribir a una dirección"), "POST",
            "/api/admin/subscriptions/suppressions"),
        _delete(_SUBSCRIPTION),
    ),
    group="marketing",
)  # fmt: skip
_NEWSLETTER = "/api/admin/newsletters/{id}"
NEWSLETTERS = AdminSection(
    name="newsletters",
    title=_title("Newsletters", "Boletines"),
    list_path="/api/admin/newsletters",
    item_path=_NEWSLETTER,
    columns=(
        Column("subject", _title("Subject", "Asunto")),
        Column("state", _title("State", "Estado"), "status"),
        Column("progress.mailed", _title("Mailed", "Enviados"), "number"),
        Column("progress.recipients", _title("Readers", "Lectores"), "number"),
        CREATED,
    ),
    details=(
        Column("subject", _title("Subject", "Asunto")),
        Column("state", _title("State", "Estado"), "status"),
        Column("lists", _title("Newsletters", "Boletines"), "json"),
        Column("progress", _title("Progress", "Progreso"), "json"),
        Column("body_html", _title("Text", "Texto"), "html"),
    ),
    empty=_title("No newsletters yet: write the first.", "Aún no hay boletines: escriba el primero."),
    filters=("state",),
    create=Act("create", _title("New newsletter", "Nuevo boletín"), "POST", "/api/admin/newsletters"),
    edit=Act("edit", EDIT, "PATCH", _NEWSLETTER, when=("state", ("draft",))),
    acts=(
        Act("test", _title("Send a trial", "Enviar una prueba"), "POST", f"{_NEWSLETTER}/test"),
        Act("send", _title("Send", "Enviar"), "POST", f"{_NEWSLETTER}/send", when=("state", ("draft",)),
            confirm=_title("Send it to all readers?", "¿Enviarlo a todos los lectores?")),
        Act("stop", _title("Stop", "Detener"), "POST", f"{_NEWSLETTER}/stop", when=("state", ("sending",))),
        Act("delete", DELETE, "DELETE", _NEWSLETTER, when=("state", ("draft",)), confirm=SURE),
    ),
    group="marketing",
)  # fmt: skip
SECTIONS = (EVENTS, TESTIMONIALS, CONTACTS, SUBSCRIPTIONS, NEWSLETTERS)

MESSAGES = DashboardPart(
    name="messages",
    title={"en": "Messages to answer", "es": "Mensajes por responder"},
    permission="landing.contacts",
    value=count("SELECT count(*) FROM landing_contact WHERE status IN ('new', 'open')"),
    section="contacts",
    query={"status": "new"},
    is_work=True,
)
