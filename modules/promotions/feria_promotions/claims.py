"""What checkouts have taken of limits: counted by conditional updates, given back once, kept by orders.

Rows are always locked in the same order: the claims of one reference, then what they count at by (kind, id).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from feria_core import clock, db
from feria_core.contracts.pricing import Adjustment
from feria_core.ids import new_id
from feria_promotions.errors import ClaimLost

Key = tuple[str, UUID]  # "code", "flash" or "promotion", and the id of what is limited

# Of each kind: taking up to the limit. A row that does not come back has none, or it is reached.
_TAKE = {
    "code": """
        UPDATE promotions_code SET used = used + $2 WHERE id = $1 AND used + $2 <= usage_limit
        RETURNING NULL::bigint AS per_customer""",
    "flash": """
        UPDATE promotions_flash_item SET sold = sold + $2 WHERE id = $1 AND sold + $2 <= cap AND removed_at IS NULL
        RETURNING cap_per_customer AS per_customer""",
    "promotion": """
        UPDATE promotions_promotion SET used = used + $2 WHERE id = $1 AND used + $2 <= usage_limit
            AND archived_at IS NULL
        RETURNING usage_limit_per_customer AS per_customer""",
}
# What has no limit is not counted, so that no buyer waits for another; the share lock makes staff who set a limit
# wait for us, and count us.
_SHARE = {
    "code": """
        SELECT NULL::bigint AS per_customer FROM promotions_code WHERE id = $1 AND usage_limit IS NULL FOR KEY SHARE""",
    "flash": """
        SELECT cap_per_customer AS per_customer FROM promotions_flash_item
        WHERE id = $1 AND cap IS NULL AND removed_at IS NULL FOR SHARE""",
    "promotion": """
        SELECT usage_limit_per_customer AS per_customer FROM promotions_promotion
        WHERE id = $1 AND usage_limit IS NULL AND archived_at IS NULL FOR SHARE""",
}
_GIVE = {
    "code": "UPDATE promotions_code SET used = greatest(used - $2, 0) WHERE id = $1 AND usage_limit IS NOT NULL",
    "flash": "UPDATE promotions_flash_item SET sold = greatest(sold - $2, 0) WHERE id = $1 AND cap IS NOT NULL",
    "promotion": """
        UPDATE promotions_promotion SET used = greatest(used - $2, 0) WHERE id = $1 AND usage_limit IS NOT NULL""",
}
_USE = """
INSERT INTO promotions_customer_use AS u (id, customer_id, target_id, used) VALUES ($1, $2, $3, $4)
ON CONFLICT (customer_id, target_id) DO UPDATE SET used = u.used + EXCLUDED.used
    WHERE $5::bigint IS NULL OR u.used + EXCLUDED.used <= $5
RETURNING used
"""
_UNUSE = """
UPDATE promotions_customer_use SET used = greatest(used - $3, 0) WHERE customer_id = $1 AND target_id = $2
"""
_SAVE = """
INSERT INTO promotions_claim AS c (id, reference, kind, target_id, cart_id, customer_id, units, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
ON CONFLICT (reference, kind, target_id)
DO UPDATE SET units = EXCLUDED.units, state = 'held', cart_id = EXCLUDED.cart_id,
    customer_id = EXCLUDED.customer_id, updated_at = $8
"""


@dataclass(frozen=True)
class Held:
    """One claim as it is stored."""

    key: Key
    units: int
    state: str
    customer_id: UUID | None


class LimitClaims:
    """The port `price_claims`."""

    async def claim(
        self, reference: UUID, adjustments: Sequence[Adjustment], *, cart_id: UUID, customer_id: UUID | None
    ) -> None:
        db.require_transaction("claiming discounts")
        stored = await _stored(reference)
        if any(one.state == "kept" for one in stored.values()):
            return  # it is an order already
        wanted = await _wanted(adjustments)
        if not stored and not wanted:
            return  # the usual cart: no limit is touched
        async with db.savepoint():
            await _adjust(stored, wanted, customer_id)
            await _save(reference, stored, wanted, cart_id, customer_id)

    async def renew(self, reference: UUID) -> bool:
        db.require_transaction("claiming discounts")
        given_back = {key: one for key, one in (await _stored(reference)).items() if one.state == "released"}
        if not given_back:
            return True
        try:
            async with db.savepoint():
                for key in sorted(given_back):
                    await _take(key, given_back[key].units, given_back[key].customer_id)
                await db.execute(
                    "UPDATE promotions_claim SET state = 'held', updated_at = $2"
                    " WHERE reference = $1 AND state = 'released'",
                    reference, clock.now(),
                )  # fmt: skip
        except ClaimLost:
            return False
        return True

    async def release(self, reference: UUID) -> None:
        db.require_transaction("giving discounts back")
        await _give_back(
            await db.fetch_all(
                "UPDATE promotions_claim SET state = 'released', updated_at = $2"
                " WHERE reference = $1 AND state = 'held' RETURNING kind, target_id, units, customer_id",
                reference, clock.now(),
            )
        )  # fmt: skip

    async def keep(self, reference: UUID, *, order_id: UUID) -> None:
        await db.execute(
            "UPDATE promotions_claim SET state = 'kept', order_id = $2, updated_at = $3"
            " WHERE reference = $1 AND state = 'held'",
            reference, order_id, clock.now(),
        )  # fmt: skip


async def release_order(order_id: UUID) -> None:
    """Give back what a cancelled order has kept, once, in the caller's transaction."""
    await _give_back(
        await db.fetch_all(
            "UPDATE promotions_claim SET state = 'released', updated_at = $2"
            " WHERE order_id = $1 AND state = 'kept' RETURNING kind, target_id, units, customer_id",
            order_id, clock.now(),
        )
    )  # fmt: skip


async def _stored(reference: UUID) -> Mapping[Key, Held]:
    rows = await db.fetch_all(
        "SELECT kind, target_id, units, state, customer_id FROM promotions_claim WHERE reference = $1"
        " ORDER BY kind, target_id FOR UPDATE",
        reference,
    )
    found = [Held((row["kind"], row["target_id"]), row["units"], row["state"], row["customer_id"]) for row in rows]
    return {one.key: one for one in found}


async def _wanted(adjustments: Sequence[Adjustment]) -> Mapping[Key, int]:
    """Return what the adjustments use, by what limits it. Raises ClaimLost where it is gone meanwhile."""
    wanted: dict[Key, int] = {}
    for one in adjustments:
        if one.gift is None and one.units is None:
            wanted["promotion", UUID(one.promotion)] = 1
    codes = [one.code for one in adjustments if one.code is not None]
    if codes:
        rows = await db.fetch_all("SELECT id FROM promotions_code WHERE folded = ANY($1)", codes)
        if len(rows) < len(set(codes)):
            raise ClaimLost
        wanted |= {("code", row["id"]): 1 for row in rows}
    sales = [(one.promotion, variant, units) for one in adjustments for variant, units in (one.units or {}).items()]
    if sales:
        rows = await db.fetch_all(
            "SELECT i.id, w.units FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS w (sale_id, variant_id, units)"
            " JOIN promotions_flash_item i ON i.sale_id = w.sale_id AND i.variant_id = w.variant_id"
            " WHERE w.units > 0",
            [UUID(sale) for sale, _, _ in sales], [variant for _, variant, _ in sales], [units for *_, units in sales],
        )  # fmt: skip
        wanted |= {("flash", row["id"]): row["units"] for row in rows}
    return wanted


async def _adjust(stored: Mapping[Key, Held], wanted: Mapping[Key, int], customer_id: UUID | None) -> None:
    """Take and give back until the counters say what is wanted. Raises ClaimLost."""
    for key in sorted(stored.keys() | wanted.keys()):
        before = stored.get(key)
        held = before.units if before and before.state == "held" else 0
        owner = before.customer_id if before and held else customer_id
        difference = wanted.get(key, 0) - held
        if difference > 0:
            await _take(key, difference, owner)
        elif difference < 0:
            await _give(key, -difference, owner)


async def _save(
    reference: UUID, stored: Mapping[Key, Held], wanted: Mapping[Key, int], cart_id: UUID, customer_id: UUID | None
) -> None:
    gone = [key for key in stored if key not in wanted]
    if gone:
        await db.execute(
            "DELETE FROM promotions_claim AS c USING unnest($2::text[], $3::uuid[]) AS g (kind, target_id)"
            " WHERE c.reference = $1 AND c.kind = g.kind AND c.target_id = g.target_id",
            reference, [kind for kind, _ in gone], [target for _, target in gone],
        )  # fmt: skip
    changed = [
        key for key, units in wanted.items() if key not in stored or stored[key].units != units
        or stored[key].state != "held"
    ]  # fmt: skip
    if changed:
        now = clock.now()
        await db.execute_many(
            _SAVE, [(new_id(), reference, *key, cart_id, customer_id, wanted[key], now) for key in sorted(changed)]
        )


async def _take(key: Key, units: int, customer_id: UUID | None) -> None:
    """Count the use. Raises ClaimLost where a limit stands in the way."""
    kind, target = key
    row = await db.fetch_one(_TAKE[kind], target, units) or await db.fetch_one(_SHARE[kind], target)
    if row is None:
        raise ClaimLost
    most = row["per_customer"]
    if customer_id is None or kind == "code":
        if most is not None:
            raise ClaimLost  # a limit for each customer holds only for those whom we know
        return
    if most is not None and units > most:
        raise ClaimLost
    if await db.fetch_value(_USE, new_id(), customer_id, target, units, most) is None:
        raise ClaimLost


async def _give(key: Key, units: int, customer_id: UUID | None) -> None:
    kind, target = key
    await db.execute(_GIVE[kind], target, units)
    if customer_id is not None and kind != "code":
        await db.execute(_UNUSE, customer_id, target, units)


async def _give_back(rows: Iterable[db.Row]) -> None:
    for row in sorted(rows, key=lambda row: (row["kind"], row["target_id"])):
        await _give((row["kind"], row["target_id"]), row["units"], row["customer_id"])
