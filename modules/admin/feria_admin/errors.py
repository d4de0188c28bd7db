"""What admin refuses, and why."""

from __future__ import annotations

from collections.abc import Iterable

from feria_core.errors import Conflict, Forbidden, NotFound


class PermissionNotHeld(Forbidden):
    """Somebody would give what he does not hold himself."""

    code, title = "permission_not_held", "You do not hold that permission yourself"

    def __init__(self, lacking: Iterable[str]) -> None:
        names = sorted(lacking)
        super().__init__(
            f"Nobody grants what he does not hold himself: {', '.join(names)}. Leave it away or ask who holds it.",
            members={"permissions": names},
        )


class KeyUnknown(NotFound):
    """There is no such API key, or it was revoked."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("There is no such API key: GET /api/admin/api-keys lists those that hold.")


class WebhookUnknown(NotFound):
    """There is no such webhook, or none of its deliveries has that id."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("There is no such webhook or delivery: GET /api/admin/webhooks lists the webhooks.")


class EventGone(Conflict):
    """What was said is no longer known."""

    code, title = "event_gone", "The event is no longer kept"

    def __init__(self) -> None:
        super().__init__("Events are kept for a week after they were delivered: this one cannot be sent again.")


class WebhookOff(Conflict):
    """Nothing is sent to a webhook that is switched off."""

    code, title = "webhook_off", "The webhook is switched off"

    def __init__(self) -> None:
        super().__init__('The webhook is switched off: PATCH it with {"active": true} first.')


class JobUnknown(NotFound):
    """There is no such job, or it was swept after it was done."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("There is no such job: GET /api/admin/jobs lists them.")


class JobNotDead(Conflict):
    """Only dead letters are queued again by hand."""

    code, title = "job_not_dead", "The job is no dead letter"

    def __init__(self) -> None:
        super().__init__("The job waits, runs or is done: only dead letters are tried again.")


class BulkUnknown(NotFound):
    """There is no such bulk act, or it was over for a month."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("There is no such bulk act: GET /api/admin/bulk lists them.")


class BulkOver(Conflict):
    """Nothing of it is left to cancel."""

    code, title = "bulk_over", "The bulk act is over"

    def __init__(self) -> None:
        super().__init__("The bulk act is done or was cancelled: there is nothing left to cancel.")


class ReportUnknown(NotFound):
    """No enabled module gives a report of that name."""

    code = "report_unknown"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no report '{name[:60]}' here: GET /api/admin/analytics lists those that there are.")
