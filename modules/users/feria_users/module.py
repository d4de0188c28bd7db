"""What this module hands to core."""

from feria_core.module import Job, Module, Permission, Schedule
from feria_users.settings import UsersSettings

module = Module(
    settings=UsersSettings,
    models="feria_users.models",
    blueprints=(
        "feria_users.api:blueprint",
        "feria_users.api_me:blueprint",
        "feria_users.api_otp:blueprint",
        "feria_users.api_oidc:blueprint",
        "feria_users.api_email:blueprint",
        "feria_users.api_addresses:blueprint",
        "feria_users.api_privacy:blueprint",
        "feria_users.admin_api:blueprint",
        "feria_users.admin_api_staff:blueprint",
    ),
    provides="feria_users.provides:register",
    jobs=(
        Job("users.send_password_reset", "feria_users.jobs:send_password_reset", queue="mail"),
        Job("users.erase_rest", "feria_users.jobs:erase_rest", timeout_s=120),
        Job("users.sweep", "feria_users.jobs:sweep", timeout_s=120, max_attempts=2),
    ),
    schedules=(Schedule("users.sweep", every_s=6 * 3600),),
    permissions=(
        Permission("users.read", "See customers and their sessions", {"es": "Ver clientes y sus sesiones"}),
        Permission(
            "users.write",
            "Change and disable customers, put them into groups",
            {"es": "Cambiar y desactivar clientes, ponerlos en grupos"},
        ),
        Permission(
            "users.act_as",
            "Act for a customer, for some minutes and on record",
            {"es": "Actuar en nombre de un cliente, unos minutos y con constancia"},
        ),
        Permission(
            "staff.write",
            "Appoint staff and change what roles may do",
            {"es": "Nombrar personal y cambiar lo que permiten los roles"},
        ),
    ),
    emails="feria_users:templates/mail",
    commands=("feria_users.commands:staff", "feria_users.commands_privacy:users", "feria_users.commands:keys"),
    demo="feria_users.demo:load",
)
