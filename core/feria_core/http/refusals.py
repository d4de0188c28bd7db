"""Staff's acts that were refused: each is on record too, by which call, with which code."""

from __future__ import annotations

from feria_core import audit, db
from feria_core.auth import Access, maybe_principal
from feria_core.errors import FeriaError

READS = frozenset(("GET", "HEAD", "OPTIONS"))
SERVER_ERROR = 500
# Longer paths are nobody's ids.
SHOWN = 300


async def record_refusal(error: FeriaError, access: Access, *, method: str, path: str) -> None:
    """Write the audit row of a staff's act that changed nothing; others' calls and looks get none.

    In a transaction of its own, as that of the act is rolled back, and before the answer: whoever has been told has
    been recorded.
    """
    principal = maybe_principal()
    is_staff = principal is not None and (principal.kind in ("staff", "api_key") or principal.acting_staff is not None)
    if not is_staff or access.kind != "staff" or method in READS or error.status >= SERVER_ERROR:
        return
    async with db.transaction():
        after = {"method": method, "code": error.code, "status": error.status}
        # PostgreSQL stores no NUL, and whoever asks for a path with one is refused, not answered with an error.
        await audit.record("refused", "request", path[:SHOWN].replace("\x00", "\\0"), after=after)
