"""Expected refusals of personalization, each with its stable code."""

from __future__ import annotations

from feria_core.errors import BadRequest, Conflict


class CartTokenNeeded(BadRequest):
    """A guest is to be remembered, but has no token to be known by."""

    code, title = "cart_token_needed", "Who is asking?"

    def __init__(self) -> None:
        super().__init__(
            "A guest is known by the header Cart-Token: send the one that GET /api/cart answers with, or sign in."
        )


class NoEarlierModel(Conflict):
    code, title = "no_earlier_model", "There is no model to go back to"

    def __init__(self) -> None:
        super().__init__("No earlier model is kept: train a new one, or leave the present one in service.")
