"""The sections of admin's own lists on the staff's pages."""

from __future__ import annotations

from feria_core.contracts.admin import Act, AdminSection, Choices, Column, Part

_AUDIT_COLUMNS = (
    Column("at", {"en": "When", "es": "Cuándo"}, "moment"),
    Column("actor_kind", {"en": "Kind", "es": "Tipo"}, "status"),
    Column("actor_id", {"en": "Who", "es": "Quién"}),
    Column("action", {"en": "Did what", "es": "Qué hizo"}),
    Column("object_type", {"en": "To what", "es": "A qué"}),
    Column("object_id", {"en": "Which", "es": "Cuál"}),
)
AUDIT_LOG = AdminSection(
    name="audit-log",
    title={"en": "Audit log", "es": "Registro de auditoría"},
    list_path="/api/admin/audit-log",
    columns=_AUDIT_COLUMNS,
    details=(
        *_AUDIT_COLUMNS,
        Column("before", {"en": "Before", "es": "Antes"}, "json"),
        Column("after", {"en": "After", "es": "Después"}, "json"),
        Column("address", {"en": "From", "es": "Desde"}),
    ),
    heading="action",
    empty={"en": "Nobody has changed anything yet.", "es": "Nadie ha cambiado nada todavía."},
    search="text",
    filters=("action", "object_type", "object_id", "actor", "from", "to"),
)

API_KEYS = AdminSection(
    name="api-keys",
    title={"en": "API keys", "es": "Claves de API"},
    list_path="/api/admin/api-keys",
    columns=(
        Column("name", {"en": "Name", "es": "Nombre"}),
        Column("beginning", {"en": "Begins with", "es": "Empieza por"}),
        Column("permissions", {"en": "May", "es": "Puede"}, "json"),
        Column("last_used_at", {"en": "Last used", "es": "Último uso"}, "moment"),
        Column("expires_at", {"en": "Ends", "es": "Caduca"}, "moment"),
    ),
    empty={
        "en": "No keys yet: make one for each program that calls the shop.",
        "es": "Aún no hay claves: cree una para cada programa que llame a la tienda.",
    },
    item_path="/api/admin/api-keys/{id}",
    filters=("revoked",),
    create=Act(
        "create",
        {"en": "New key", "es": "Nueva clave"},
        "POST",
        "/api/admin/api-keys",
        choices={"permissions": Choices("/api/admin/permissions", "name", "description")},
    ),
    acts=(
        Act(
            "revoke",
            {"en": "Revoke", "es": "Revocar"},
            "DELETE",
            "/api/admin/api-keys/{id}",
            confirm={
                "en": "Programs that use it stop working.",
                "es": "Los programas que la usan dejarán de funcionar.",
            },
        ),
    ),
)

WEBHOOK = "/api/admin/webhooks/{id}"
WEBHOOKS = AdminSection(
    name="webhooks",
    title={"en": "Webhooks", "es": "Webhooks"},
    list_path="/api/admin/webhooks",
    columns=(
        Column("url", {"en": "Address", "es": "Dirección"}),
        Column("events", {"en": "Events", "es": "Eventos"}, "json"),
        Column("active", {"en": "On", "es": "Activo"}, "flag"),
        Column("failures_in_a_row", {"en": "Failures in a row", "es": "Fallos seguidos"}, "number"),
        Column("off_reason", {"en": "Switched off for", "es": "Desactivado por"}, "status"),
    ),
    empty={
        "en": "No webhooks yet: make one to tell another system what happens here.",
        "es": "Aún no hay webhooks: cree uno para avisar a otro sistema de lo que ocurre aquí.",
    },
    item_path=WEBHOOK,
    create=Act("create", {"en": "New webhook", "es": "Nuevo webhook"}, "POST", "/api/admin/webhooks"),
    edit=Act("edit", {"en": "Change", "es": "Cambiar"}, "PATCH", WEBHOOK),
    acts=(
        Act("test", {"en": "Send a test", "es": "Enviar una prueba"}, "POST", f"{WEBHOOK}/test"),
        Act("rotate", {"en": "New secret", "es": "Nuevo secreto"}, "POST", f"{WEBHOOK}/rotate-secret", tells=True),
        Act(
            "delete",
            {"en": "Delete", "es": "Eliminar"},
            "DELETE",
            WEBHOOK,
            confirm={"en": "Its log is deleted too.", "es": "También se elimina su registro."},
        ),
    ),
    parts=(
        Part(
            name="deliveries",
            title={"en": "Deliveries", "es": "Entregas"},
            list_path=f"{WEBHOOK}/deliveries",
            columns=(
                Column("created_at", {"en": "When", "es": "Cuándo"}, "moment"),
                Column("event", {"en": "Event", "es": "Evento"}),
                Column("state", {"en": "State", "es": "Estado"}, "status"),
                Column("tries", {"en": "Tries", "es": "Intentos"}, "json"),
            ),
            empty={"en": "Nothing was sent yet.", "es": "Aún no se ha enviado nada."},
            acts=(
                Act(
                    "redeliver",
                    {"en": "Send again", "es": "Enviar otra vez"},
                    "POST",
                    f"{WEBHOOK}/deliveries/{{row.id}}/redeliver",
                ),
            ),
        ),
    ),
)

JOBS = AdminSection(
    name="jobs",
    title={"en": "Jobs", "es": "Tareas"},
    list_path="/api/admin/jobs",
    columns=(
        Column("name", {"en": "Job", "es": "Tarea"}),
        Column("queue", {"en": "Queue", "es": "Cola"}),
        Column("state", {"en": "State", "es": "Estado"}, "status"),
        Column("attempt", {"en": "Attempts", "es": "Intentos"}, "number"),
        Column("created_at", {"en": "Queued", "es": "En cola desde"}, "moment"),
        Column("cause", {"en": "Why it failed", "es": "Por qué falló"}),
    ),
    empty={"en": "Nothing to do, nothing failed.", "es": "Nada pendiente, nada fallido."},
    filters=("state", "queue", "name", "from", "to"),
    acts=(
        Act(
            "retry",
            {"en": "Try again", "es": "Reintentar"},
            "POST",
            "/api/admin/jobs/{id}/retry",
            when=("state", ("dead",)),
            bulk=True,
        ),
        Act("retry_all", {"en": "Retry the dead", "es": "Reintentar las muertas"}, "POST", "/api/admin/jobs/retry"),
    ),
)
