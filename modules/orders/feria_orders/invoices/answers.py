"""A PDF as an answer."""

from __future__ import annotations

from feria_core.http.responses import Answer
from feria_orders.invoices.service import Pdf


def pdf_answer(pdf: Pdf) -> Answer:
    """Return the answer that a browser shows, and saves under the document's number."""
    headers = {
        "Content-Disposition": f'inline; filename="{pdf.number}.pdf"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Answer(pdf.body, headers=headers, content_type="application/pdf")
