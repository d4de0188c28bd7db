"""The words of invoices and credit notes in each language."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "invoice": "Invoice",
        "credit_note": "Credit note",
        "number": "Number",
        "date": "Date",
        "order": "Order",
        "order_date": "Ordered on",
        "of_invoice": "Of invoice",
        "delivery": "Delivery",
        "bill_to": "Bill to",
        "ship_to": "Ship to",
        "tax_id": "Tax ID",
        "item": "Item",
        "quantity": "Qty",
        "unit_price": "Unit price",
        "discount": "Discount",
        "amount": "Amount",
        "subtotal": "Subtotal",
        "shipping": "Shipping",
        "total": "Total",
        "included": "included",
        "tax": "Tax",
        "refund": "Refund",
        "adjustment": "Adjustment",
        "refunded": "Refunded",
        "page": "Page {page} of {pages}",
    },
    "es": {
        "invoice": "Factura",
        "credit_note": "Nota de crédito",
        "number": "Número",
        "date": "Fecha",
        "order": "Pedido",
        "order_date": "Pedido el",
        "of_invoice": "De la factura",
        "delivery": "Envío",
        "bill_to": "Facturar a",
        "ship_to": "Enviar a",
        "tax_id": "Identificación fiscal",
        "item": "Artículo",
        "quantity": "Cant.",
        "unit_price": "Precio unit.",
        "discount": "Descuento",
        "amount": "Importe",
        "subtotal": "Subtotal",
        "shipping": "Envío",
        "total": "Total",
        "included": "incluido",
        "tax": "Impuestos",
        "refund": "Reembolso",
        "adjustment": "Ajuste",
        "refunded": "Reembolsado",
        "page": "Página {page} de {pages}",
    },
}


def words_of(locale: str) -> Mapping[str, str]:
    """Return the words of `locale`, else those of English."""
    return WORDS.get(locale, WORDS["en"])
