"""Whatever people do in whatever order: accounts, sessions and tokens keep to the rules."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feria_core import db
from feria_core.testing.databases import empty_tables
from feria_users.service import hash_work, hashing

EMAILS = ["ana@example.org", "ANA@Example.org", "\uff21na@example.org", "bea@example.org"]
PASSWORDS = ["correct horse battery", "another walnut desk"]
ACTS = st.one_of(
    st.tuples(st.just("register"), st.sampled_from(EMAILS), st.sampled_from(PASSWORDS)),
    st.tuples(st.just("verify"), st.integers(0, 9)),
    st.tuples(st.just("login"), st.sampled_from(EMAILS), st.sampled_from(PASSWORDS)),
    st.tuples(st.just("refresh"), st.integers(0, 9), st.booleans()),
    st.tuples(st.just("refresh at once"), st.integers(0, 9)),
    st.tuples(st.just("logout"), st.integers(0, 9)),
    st.tuples(st.just("forgot"), st.sampled_from(EMAILS)),
    st.tuples(st.just("reset"), st.integers(0, 9), st.sampled_from(PASSWORDS)),
    st.tuples(st.just("change"), st.integers(0, 9), st.sampled_from(PASSWORDS), st.sampled_from(PASSWORDS)),
    st.tuples(st.just("wait"), st.sampled_from([5, 11, 1000])),
)

_ONE_ACCOUNT = "SELECT count(*) = count(DISTINCT email_normalized) FROM users_account"
_ONE_LIVE_TOKEN = """
SELECT coalesce(max(live), 0) FROM (
    SELECT count(*) FILTER (WHERE used_at IS NULL) AS live FROM users_refresh_token GROUP BY session_id) t
"""
_UNVERIFIED_SESSIONS = """
SELECT count(*) FROM users_session s JOIN users_account a ON a.id = s.account_id WHERE a.email_verified_at IS NULL
"""


class World:
    """What a client has seen: the links of its mails, and the tokens that it was given."""

    def __init__(self, client: Any, mails: Any, token_in: Any, clock: Any) -> None:
        self.client, self.mails, self.token_in, self.clock = client, mails, token_in, clock
        self.held: list[dict[str, Any]] = []
        self.ended: list[dict[str, Any]] = []

    async def links(self, page: str) -> list[str]:
        return [self.token_in(mail) for mail in await self.mails() if f"/{page}?token=" in mail["text"]]

    async def post(self, path: str, **body: Any) -> Any:
        answer = await self.client.post(path, body)
        assert answer.status < 500, answer.json
        return answer

    async def do(self, act: str, *given_: Any) -> None:
        await getattr(self, act.replace(" ", "_"))(*given_)

    async def register(self, email: str, password: str) -> None:
        assert (await self.post("/api/auth/register", email=email, password=password, name="A")).status == 202

    async def verify(self, which: int) -> None:
        links = await self.links("verify-email")
        if links:
            await self.post("/api/auth/verify-email", token=links[which % len(links)])

    async def login(self, email: str, password: str) -> None:
        answer = await self.post("/api/auth/login", email=email, password=password)
        if answer.status == 200:
            self.held.append(answer.json)

    async def refresh(self, which: int, keeps: bool) -> None:
        if self.held:
            token = self.held[which % len(self.held)]
            answer = await self.post("/api/auth/refresh", refresh_token=token["refresh_token"])
            if answer.status == 200 and keeps:
                self.held.append(answer.json)

    async def refresh_at_once(self, which: int) -> None:
        if self.held:
            token = self.held[which % len(self.held)]["refresh_token"]
            answers = await asyncio.gather(*(self.post("/api/auth/refresh", refresh_token=token) for _ in range(5)))
            given_out = {answer.json["refresh_token"] for answer in answers if answer.status == 200}
            assert len(given_out) <= 1
            self.held += [answer.json for answer in answers if answer.status == 200][:1]

    async def logout(self, which: int) -> None:
        if self.held:
            token = self.held.pop(which % len(self.held))
            assert (await self.post("/api/auth/logout", refresh_token=token["refresh_token"])).status == 204
            self.ended.append(token)

    async def forgot(self, email: str) -> None:
        assert (await self.post("/api/auth/password/forgot", email=email)).status == 202

    async def reset(self, which: int, password: str) -> None:
        links = await self.links("reset-password")
        if links:
            before = await self.mine()
            answer = await self.post("/api/auth/password/reset", token=links[which % len(links)], password=password)
            if answer.status == 204:
                await self.end_dead(before)

    async def change(self, which: int, current: str, new: str) -> None:
        if self.held:
            asking = self.client.signed_in(self.held[which % len(self.held)]["access_token"])
            before = await self.mine()
            answer = await asking.put("/api/users/me/password", {"current_password": current, "new_password": new})
            assert answer.status < 500
            if answer.status == 204:
                assert (await asking.get("/api/users/me")).status == 401
                await self.end_dead(before)

    async def wait(self, seconds: int) -> None:
        self.clock.move(seconds=seconds)

    async def mine(self) -> list[dict[str, Any]]:
        """The tokens that still open the profile."""
        replies = [await self.client.signed_in(token["access_token"]).get("/api/users/me") for token in self.held]
        return [token for token, reply in zip(self.held, replies, strict=True) if reply.status == 200]

    async def end_dead(self, before: list[dict[str, Any]]) -> None:
        """Take those that a change has ended for ended for good."""
        alive = await self.mine()
        self.ended += [token for token in before if token not in alive]

    async def check(self) -> None:
        assert await db.fetch_value(_ONE_ACCOUNT)
        assert await db.fetch_value(_ONE_LIVE_TOKEN) <= 1
        assert await db.fetch_value(_UNVERIFIED_SESSIONS) == 0
        for token in self.ended:
            assert (await self.client.signed_in(token["access_token"]).get("/api/users/me")).status == 401
            answer = await self.post("/api/auth/refresh", refresh_token=token["refresh_token"])
            assert answer.status == 401


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the smallest cost: hundreds of sequences are played, and none is about the cost."""
    monkeypatch.setattr(hashing, "_COST", (1, 8, 1))
    monkeypatch.setattr(hashing, "_DUMMY", hash_work.hashed("nobody's", cost=hashing._COST))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(ACTS, min_size=4, max_size=20))
async def test_any_sequence_of_acts_keeps_the_rules(client, mails, mailbox, token_in, clock, cheap_hashes, acts):
    await empty_tables()
    mailbox.clear()
    world = World(client, mails, token_in, clock)
    # Everybody begins with one account that can sign in: most sequences would otherwise end at the first link.
    await world.do("register", EMAILS[0], PASSWORDS[0])
    await world.do("verify", 0)
    await world.do("login", EMAILS[0], PASSWORDS[0])
    assert world.held
    for act in acts:
        await world.do(*act)
    await world.check()
