"""What staff send comes out as they sent it, and means to pricing what it says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import pytest

from feria_promotions.definition import body_of, draft_of, stored_definition
from feria_promotions.folding import folded, made_up
from feria_promotions.pricing import BuyGet, Fixed, FreeShipping, Gift, Percent, Reduction, Rule, Tier, Tiers
from feria_promotions.refusals import SENTENCES
from feria_promotions.schemas import PromotionBody

ID = "01936f2e-7c1a-7000-8000-0123456789ab"
USD_5 = {"amount": 500, "currency": "USD"}

KINDS: list[tuple[dict[str, Any], Reduction]] = [
    ({"kind": "percent", "value": 10}, Percent(1000)),
    ({"kind": "percent", "value": 12.34, "max_discount": USD_5}, Percent(1234, 500)),
    ({"kind": "percent", "value": 0.07}, Percent(7)),
    ({"kind": "fixed", "value": USD_5}, Fixed(500)),
    ({"kind": "free_shipping"}, FreeShipping()),
    ({"kind": "free_shipping", "max_discount": USD_5}, FreeShipping(500)),
    ({"kind": "gift", "gift": {"variant_id": ID}}, Gift(UUID(ID), 1)),
    ({"kind": "nth_order", "value": 5, "conditions": {"nth_order": 3}}, Percent(500)),
    ({"kind": "buy_x_get_y", "buy": {"quantity": 2, "get": 1}}, BuyGet(2, 1)),
    ({"kind": "buy_x_get_y", "buy": {"quantity": 2, "percent": 50, "times": 3}}, BuyGet(2, 1, 5000, 3)),
    ({"kind": "tiers", "tiers": [{"quantity": 3, "percent": 5}]}, Tiers("quantity", (Tier(3, 500),))),
    ({"kind": "tiers", "tiers": [{"total": USD_5, "amount": USD_5}]}, Tiers("total", (Tier(500, 0, 500),))),
]


@pytest.mark.parametrize(("given", "reduction"), KINDS)
def test_each_kind_means_what_it_says_and_comes_out_as_it_went_in(given: dict[str, Any], reduction: Reduction) -> None:
    body = PromotionBody.model_validate({"name": "Sale", **given})
    assert draft_of(body, promotion_id=UUID(ID), currency="USD").reduction == reduction
    definition = orjson.loads(orjson.dumps(stored_definition(body)))
    row = {**body.model_dump(exclude={"active"}), "is_active": body.active}
    assert PromotionBody.model_validate(body_of(row, definition)) == body


def test_conditions_reach_pricing() -> None:
    lists = {"brands": ["acme"], "exclude_products": [ID], "exclude_variants": [ID], "categories": ["tables"]}
    conditions = {**lists, "minimum_total": USD_5, "minimum_quantity": 2, "first_order": True}
    body = PromotionBody.model_validate({"name": "Sale", "kind": "percent", "value": 1, "conditions": conditions})
    found = draft_of(body, promotion_id=UUID(ID), currency="USD").conditions
    assert (found.minimum_total, found.minimum_quantity, found.is_first_order) == (500, 2, True)
    assert found.selection.brands == {"acme"}
    assert found.selection.not_products == found.selection.not_variants == {UUID(ID)}


# Full-width letters and digits, as some keyboards write them.
WIDE = "WELCOME10".translate({number: number + 0xFEE0 for number in range(33, 127)})


@pytest.mark.parametrize("typed", ["welcome10", " WELC0ME-1O ", "we1come 10", "WEICOME10", WIDE])
def test_codes_read_alike_however_they_are_typed(typed: str) -> None:
    assert folded(typed) == folded("WELCOME10")


@pytest.mark.parametrize("nothing", ["", "---", "\u202e", "é" * 65])
def test_what_is_no_code_folds_to_nothing(nothing: str) -> None:
    assert folded(nothing) == ""


def test_codes_at_random_differ_and_are_compared_by_what_is_shown() -> None:
    codes = made_up("VIP", 1000)
    assert len({key for _, key in codes}) == 1000
    assert all(folded(code) == key for code, key in codes)


def test_every_rule_has_its_sentences() -> None:
    assert SENTENCES.keys() == set(Rule)
