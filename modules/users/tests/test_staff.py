from __future__ import annotations

import os
import subprocess
import sys

import pytest

from feria_core import clock as core_clock
from feria_core import db
from feria_core.auth import identify
from feria_core.errors import Invalid
from feria_core.runtime import current
from feria_users import demo, jobs
from feria_users.errors import UnknownRole
from feria_users.repository import staff
from feria_users.service.staff import create_staff

OWNER = ("owner@example.org", "the first owner of it")


@pytest.fixture
def owner(client, login):
    async def make():
        await create_staff(email=OWNER[0], password=OWNER[1])
        return (await login(*OWNER)).json

    return make


async def principal(access_token):
    return await identify(f"Bearer {access_token}")


def declared():
    return {permission.name for module in current().modules for permission in module.manifest.permissions}


async def test_an_owner_holds_every_permission_that_is_declared(client, owner):
    who = await principal((await owner())["access_token"])
    assert who.kind == "staff"
    assert who.permissions == declared() >= {"users.read", "users.write", "staff.write"}
    me = await client.signed_in((await owner())["access_token"]).get("/api/users/me")
    assert (me.json["kind"], me.json["permissions"]) == ("staff", sorted(declared()))


async def test_a_role_holds_its_permissions_and_they_end_at_once(owner):
    token = (await owner())["access_token"]
    await staff.ensure_role("editor", ["blog.write", "users.read"], now=core_clock.now())
    await db.execute("UPDATE users_staff SET role_id = (SELECT id FROM users_role WHERE name = 'editor')")
    assert (await principal(token)).permissions == {"blog.write", "users.read"}
    await db.execute("UPDATE users_role SET permissions = '{users.read}' WHERE name = 'editor'")
    assert (await principal(token)).permissions == {"users.read"}
    await db.execute("UPDATE users_role SET permissions = '{}' WHERE name = 'editor'")
    assert ((await principal(token)).kind, (await principal(token)).permissions) == ("staff", frozenset())
    await db.execute("DELETE FROM users_staff")
    assert ((await principal(token)).kind, (await principal(token)).permissions) == ("customer", frozenset())


async def test_making_staff_of_an_account_keeps_nothing_that_a_stranger_set_up(
    client, register, login, mails, token_in
):
    await register(OWNER[0], "password of a stranger")
    link = token_in((await mails())[-1])
    await create_staff(email=OWNER[0], password=OWNER[1])
    assert (await client.post("/api/auth/verify-email", {"token": link})).status == 400
    assert (await login(OWNER[0], "password of a stranger")).status == 401
    assert (await login(*OWNER)).status == 200
    audited = await db.fetch_one("SELECT action, actor_kind, after::text AS after FROM core_audit")
    assert (audited["action"], audited["actor_kind"]) == ("staff.created", "system")


async def test_creating_twice_changes_the_password_alone(owner, login):
    token = (await owner())["access_token"]
    await create_staff(email="OWNER@example.org", password="another fine password")
    assert await db.fetch_value("SELECT count(*) FROM users_staff") == 1
    assert (await login(OWNER[0], "another fine password")).status == 200
    assert (await login(*OWNER)).status == 401
    with pytest.raises(Exception, match="no longer valid"):
        await principal(token)


async def test_staff_are_made_by_the_rules(database):
    with pytest.raises(UnknownRole, match="take one of owner"):
        await create_staff(email=OWNER[0], password=OWNER[1], role="emperor")
    with pytest.raises(Invalid):
        await create_staff(email="nobody", password=OWNER[1])
    with pytest.raises(Invalid):
        await create_staff(email=OWNER[0], password="password123")
    assert await db.fetch_value("SELECT count(*) FROM users_account") == 0


async def test_staff_cannot_erase_themselves(client, owner):
    who = client.signed_in((await owner())["access_token"])
    assert (await who.delete("/api/users/me")).code == "staff_account"
    assert (await who.get("/api/users/me")).status == 200


async def test_the_demo_can_be_loaded_again(client, login):
    first = await demo.load()
    assert first == await demo.load()
    assert first[0] == "staff sign-in: owner@feria.test / demo owner of feria"
    for line in first:
        email, _, password = line.partition(": ")[2].partition(" / ")
        assert (await login(email, password)).status == 200
    await create_staff(email=demo.OWNER_EMAIL, password="another fine password")
    assert await demo.load() == first[1:]


async def test_what_ended_long_ago_is_swept(client, login, owner, clock):
    await owner()
    await client.post("/api/auth/password/forgot", {"email": OWNER[0]})
    clock.move(days=45)
    await login(*OWNER)
    await jobs.sweep(None)
    assert await db.fetch_value("SELECT count(*) FROM users_session") == 2
    clock.move(days=20)
    await jobs.sweep(None)
    assert await db.fetch_value("SELECT count(*) FROM users_session") == 1
    assert await db.fetch_value("SELECT count(*) FROM users_refresh_token") == 1
    assert await db.fetch_value("SELECT count(*) FROM users_one_time_token") == 0


def feria(*arguments, url, redis, plugins, stdin=""):
    environment = {**os.environ, "DATABASE_URL": url, "REDIS_URL": redis}
    command = [sys.executable, "-m", "feria_core.cli", *arguments, "--plugins", str(plugins)]
    return subprocess.run(command, env=environment, input=stdin, capture_output=True, text=True, check=False)


async def test_the_command_makes_the_first_owner(login, database_url, server_urls, plugins_file):
    import asyncio

    def run(*arguments, stdin=""):
        return asyncio.to_thread(
            feria, *arguments, url=database_url, redis=server_urls[1], plugins=plugins_file, stdin=stdin
        )

    made = await run("staff", "create", "--email", OWNER[0], "--password-stdin", stdin=OWNER[1] + "\n")
    assert made.returncode == 0, made.stderr
    tokens = (await login(*OWNER)).json
    assert (await principal(tokens["access_token"])).permissions == declared()
    listed = await run("staff", "list")
    assert "owner@example.org  owner  active" in listed.stdout
    weak = await run("staff", "create", "--email", "b@example.org", "--password-stdin", stdin="password1\n")
    assert weak.returncode == 1
    assert "most common" in weak.stderr
    assert (await run("staff", "create", "--email", "b@example.org")).returncode == 2
