"""Which permissions the routes of staff demand."""

from __future__ import annotations

from feria_core.http import staff

WRITE = staff("catalog.write")
# Who may change the catalog may look at it too.
READ = staff("catalog.write", "catalog.read")
