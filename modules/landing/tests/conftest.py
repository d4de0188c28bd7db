"""What the tests of landing share: staff, a GitHub that forgets, and who sends."""

from __future__ import annotations

import re

import pytest

from feria_core.testing.work import run_jobs


@pytest.fixture
def staff(client):
    """Staff who may do all that landing has."""
    return client.as_staff("landing.write", "landing.contacts", "landing.newsletter")


@pytest.fixture
def hub(github):
    """The fake of GitHub as it is at first; so it is left, too."""
    github.reset()
    yield github
    github.reset()


@pytest.fixture
def link_for(mailbox):
    """Return the token of the newest mail to an address that has a link to a path in it."""

    async def find(to, path):
        await run_jobs()
        for mail in mailbox.mails():
            found = re.search(rf"{path}\?token=([A-Za-z0-9_-]+)", mail["text"])
            if mail["to"].lower() == to.lower() and found:
                return found[1]
        raise AssertionError(f"no link to {path} was mailed to {to}")

    return find


@pytest.fixture
def event(staff, clock):
    """Make an event; what it does not say is as usual."""

    async def make(**changes):
        body = {"title": "Open day", "starts_at": clock.at.isoformat(), "time_zone": "Europe/Madrid", **changes}
        reply = await staff.post("/api/admin/events", body)
        assert reply.status == 201, reply.body
        return reply.json

    return make
