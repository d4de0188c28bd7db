"""The sections of people on the staff's pages: customers, staff, roles."""

from __future__ import annotations

from feria_core.contracts.admin import Act, AdminSection, Choices, Column, Text

_CUSTOMER, _STAFF, _ROLE = "/api/admin/customers/{id}", "/api/admin/staff/{id}", "/api/admin/roles/{id}"
_EDIT: Text = {"en": "Edit", "es": "Editar"}
_NAME = Column("name", {"en": "Name", "es": "Nombre"})
_EMAIL = Column("email", {"en": "E-mail", "es": "Correo"})
_STATUS = Column("status", {"en": "State", "es": "Estado"}, "status")
_OTP = Column("otp_enabled", {"en": "Second factor", "es": "Segundo factor"}, "flag")
_CREATED = Column("created_at", {"en": "Since", "es": "Desde"}, "moment")
_SEEN = Column("last_login_at", {"en": "Last signed in", "es": "Última entrada"}, "moment")
_GROUP = Column("group", {"en": "Group", "es": "Grupo"})
_ROLES = {"roles": Choices("/api/admin/roles", "name", "name")}
_PERMISSIONS = {"permissions": Choices("/api/admin/permissions", "name", "description")}

CUSTOMERS = AdminSection(
    name="customers",
    title={"en": "Customers", "es": "Clientes"},
    list_path="/api/admin/customers",
    item_path=_CUSTOMER,
    columns=(_EMAIL, _NAME, _GROUP, _STATUS, _CREATED, _SEEN),
    details=(
        _EMAIL, _NAME, _STATUS, _GROUP,
        Column("locale", {"en": "Language", "es": "Idioma"}),
        Column("email_verified", {"en": "Address confirmed", "es": "Correo confirmado"}, "flag"),
        _OTP,
        Column("is_staff", {"en": "Is staff", "es": "Es personal"}, "flag"),
        _CREATED, _SEEN,
    ),
    empty={
        "en": "Nobody has an account yet. Buyers can make one; guests stand with their orders.",
        "es": "Nadie tiene cuenta todavía. Los compradores pueden crear una; los invitados están en sus pedidos.",
    },
    search="q",
    filters=("group", "status"),
    edit=Act("edit", _EDIT, "PATCH", _CUSTOMER, bulk=True),
    acts=(
        Act(
            "act_as", {"en": "Act as this customer", "es": "Actuar como este cliente"}, "POST", f"{_CUSTOMER}/act-as",
            confirm={
                "en": "You get a pass for the shop in this customer's name. What is done with it is in the audit log.",
                "es": "Recibe un pase de la tienda a nombre de este cliente. Lo que haga con él queda en el registro.",
            },
            tells=True,
        ),
    ),
    group="people",
    heading="email",
)  # fmt: skip

STAFF = AdminSection(
    name="staff",
    title={"en": "Staff", "es": "Personal"},
    list_path="/api/admin/staff",
    item_path=_STAFF,
    columns=(_EMAIL, _NAME, Column("roles", {"en": "Roles", "es": "Roles"}, "json"), _OTP, _STATUS, _SEEN),
    details=(
        _EMAIL, _NAME, _STATUS,
        Column("roles", {"en": "Roles", "es": "Roles"}, "json"),
        _OTP, _CREATED, _SEEN,
        Column("permissions", {"en": "May", "es": "Puede"}, "json"),
    ),
    empty={"en": "Nobody works here yet: invite somebody.", "es": "Aún no trabaja nadie: invite a alguien."},
    create=Act(
        "invite", {"en": "Invite", "es": "Invitar"}, "POST", "/api/admin/staff", fields=("email", "name", "roles"),
        choices=_ROLES,
    ),
    edit=Act("edit", _EDIT, "PATCH", _STAFF, choices=_ROLES),
    acts=(
        Act("again", {"en": "Invite again", "es": "Invitar otra vez"}, "POST", f"{_STAFF}/invite"),
        Act(
            "remove", {"en": "Remove", "es": "Quitar"}, "DELETE", _STAFF,
            confirm={
                "en": "This person is signed out and may no longer work here.",
                "es": "Esta persona sale y ya no trabaja aquí.",
            },
        ),
    ),
    group="people",
    heading="email",
)  # fmt: skip

ROLES = AdminSection(
    name="roles",
    title={"en": "Roles", "es": "Roles"},
    list_path="/api/admin/roles",
    item_path=_ROLE,
    columns=(
        _NAME,
        Column("permissions", {"en": "May", "es": "Puede"}, "json"),
        Column("requires_otp", {"en": "Needs the second factor", "es": "Exige segundo factor"}, "flag"),
        Column("members", {"en": "People", "es": "Personas"}, "number"),
    ),
    empty={"en": "No roles yet.", "es": "Aún no hay roles."},
    create=Act(
        "create", {"en": "New role", "es": "Nuevo rol"}, "POST", "/api/admin/roles",
        fields=("name", "requires_otp", "permissions"), choices=_PERMISSIONS,
    ),
    edit=Act("edit", _EDIT, "PATCH", _ROLE, fields=("requires_otp", "permissions"), choices=_PERMISSIONS),
    acts=(
        Act(
            "delete", {"en": "Delete", "es": "Eliminar"}, "DELETE", _ROLE,
            confirm={"en": "Delete this role?", "es": "¿Eliminar este rol?"},
        ),
    ),
    group="people",
)  # fmt: skip
SECTIONS = (CUSTOMERS, STAFF, ROLES)
