from __future__ import annotations

from uuid import UUID

import pytest

from feria_core import audit, db
from feria_core.auth import CUSTOMER, IN_PERSON, Principal, demand, set_principal
from feria_core.errors import ActingStaff

CUSTOMER_ID, STAFF_ID = UUID(int=7), UUID(int=8)
IN_TRUTH = Principal("customer", CUSTOMER_ID)
ACTED_FOR = Principal("customer", CUSTOMER_ID, acting_staff=STAFF_ID)


def test_what_only_the_customer_may_do_is_refused_to_staff_who_act():
    demand(CUSTOMER, ACTED_FOR)
    demand(IN_PERSON, IN_TRUTH)
    with pytest.raises(ActingStaff):
        demand(IN_PERSON, ACTED_FOR)


async def test_the_audit_log_names_the_staff_who_act(database):
    set_principal(ACTED_FOR)
    try:
        async with db.transaction():
            await audit.record("test.done", "test", 1)
    finally:
        set_principal(None)
    row = await db.fetch_one("SELECT actor_kind, actor_id FROM core_audit")
    assert (row["actor_kind"], row["actor_id"]) == ("staff", str(STAFF_ID))
