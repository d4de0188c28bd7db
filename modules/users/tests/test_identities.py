from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from feria_core import db
from feria_core.ids import new_id
from feria_users.oidc import providers
from feria_users.oidc.providers import Provider

ISSUERS = {"shop-id": "https://shop-id.test", "other-id": "https://other-id.test"}


@pytest.fixture(autouse=True)
def enabled(monkeypatch):
    """Two enabled providers; a third one is not any more."""
    known = [Provider(name, name.title(), url, "id", "secret", f"{url}/back") for name, url in ISSUERS.items()]
    monkeypatch.setattr(providers, "enabled", lambda: known)


@pytest.fixture
def linked(signed_in):
    """Ana, with an identity at each of these issuers."""

    async def make(*issuers, password=True):
        ana = await signed_in()
        account = await db.fetch_value("SELECT id FROM users_account")
        for issuer in issuers:
            await db.execute(
                "INSERT INTO users_identity (id, account_id, issuer, subject, created_at, last_used_at)"
                " VALUES ($1, $2, $3, $4, now(), now())",
                new_id(), account, issuer, f"subject at {issuer}",
            )  # fmt: skip
        if not password:
            await db.execute("UPDATE users_account SET password_hash = NULL")
        return ana.client

    return make


async def shown(client):
    return (await client.get("/api/users/me/identities")).json["items"]


async def test_identities_are_listed_with_their_provider_and_no_subject(linked):
    ana = await linked(ISSUERS["shop-id"], "https://gone.test")
    first, second = await shown(ana)
    assert (first["provider"], first["label"]) == ("shop-id", "Shop-Id")
    assert (second["provider"], second["label"]) == (None, "https://gone.test")
    assert "subject" not in str([first, second])


async def test_an_identity_is_unlinked_and_the_owner_told(linked, mails):
    ana = await linked(ISSUERS["shop-id"])
    (identity,) = await shown(ana)
    assert (await ana.delete(f"/api/users/me/identities/{identity['id']}")).status == 204
    assert await shown(ana) == []
    assert "no more sign-in with Shop-Id" in (await mails())[-1]["subject"]
    assert (await ana.delete(f"/api/users/me/identities/{identity['id']}")).status == 404


async def test_the_last_way_to_sign_in_stays(linked):
    ana = await linked(ISSUERS["shop-id"], "https://gone.test", password=False)
    first, gone = await shown(ana)
    assert (await ana.delete(f"/api/users/me/identities/{first['id']}")).code == "last_sign_in"
    assert (await ana.delete(f"/api/users/me/identities/{gone['id']}")).status == 204
    assert (await ana.delete(f"/api/users/me/identities/{first['id']}")).code == "last_sign_in"
    assert len(await shown(ana)) == 1


async def test_of_two_that_are_unlinked_at_once_one_stays(linked):
    ana = await linked(*ISSUERS.values(), password=False)
    paths = [f"/api/users/me/identities/{identity['id']}" for identity in await shown(ana)]
    answers = await asyncio.gather(*(ana.delete(path) for path in paths * 3))
    assert [answer.status for answer in answers].count(204) == 1
    assert len(await shown(ana)) == 1


async def test_an_identity_of_somebody_else_is_missing(linked, signed_in):
    ana = await linked(ISSUERS["shop-id"])
    (identity,) = await shown(ana)
    bea = (await signed_in("bea@example.org")).client
    assert await shown(bea) == []
    for missing in (identity["id"], uuid4(), "nothing"):
        assert (await bea.delete(f"/api/users/me/identities/{missing}")).status == 404
    assert len(await shown(ana)) == 1


async def test_identities_are_for_who_is_signed_in(client, database):
    assert (await client.get("/api/users/me/identities")).status == 401
    assert (await client.delete(f"/api/users/me/identities/{uuid4()}")).status == 401
