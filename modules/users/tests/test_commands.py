"""The commands as an operator runs them, beside the tests of what they call."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import bcrypt
import pytest

from feria_core import db


@pytest.fixture
def feria(database_url, server_urls, plugins_file):
    async def run(*arguments, stdin=""):
        environment = {**os.environ, "DATABASE_URL": database_url, "REDIS_URL": server_urls[1]}
        command = [sys.executable, "-m", "feria_core.cli", *arguments, "--plugins", str(plugins_file)]
        return await asyncio.to_thread(
            subprocess.run, command, env=environment, input=stdin, capture_output=True, text=True, check=False
        )

    return run


async def test_keys_are_rotated_and_listed(feria, client, signed_in, login):
    ana = await signed_in()
    rotated = await feria("keys", "rotate")
    assert rotated.returncode == 0, rotated.stderr
    fresh = rotated.stdout.split()[0]
    listed = (await feria("keys", "list")).stdout.splitlines()
    assert listed[0].startswith(fresh)
    assert listed[0].endswith("signs")
    assert "verifies until" in listed[1]
    assert (await ana.client.get("/api/users/me")).status == 200
    assert (await client.signed_in((await login()).json["access_token"]).get("/api/users/me")).status == 200


async def test_accounts_are_imported_and_bad_rows_reported(feria, tmp_path, login):
    stored = bcrypt.hashpw(b"correct horse battery", bcrypt.gensalt(4)).decode()
    file = tmp_path / "accounts.csv"
    file.write_text(f"email,name,password_hash,verified\nana@example.org,Ana,{stored},true\nnobody,,,\n")
    done = await feria("users", "import", str(file))
    assert (done.returncode, "2 rows: 1 created, 0 known, 1 refused" in done.stdout) == (1, True), done.stderr
    report = (tmp_path / "accounts.csv.errors.csv").read_text().splitlines()
    assert report == ["row,reason", "2,email is no address that a mail could be sent to"]
    assert (await login()).status == 200
    file.write_text("name\nAna\n")
    refused = await feria("users", "import", str(file))
    assert (refused.returncode, "names no column 'email'" in refused.stderr) == (1, True)


async def test_a_role_is_made_to_demand_a_second_factor(feria, database):
    await feria("staff", "create", "--email", "o@example.org", "--password-stdin", stdin="four plain words here\n")
    for option, demanded in (("--require-otp", True), ("--no-require-otp", False)):
        done = await feria("staff", "role", "owner", option)
        assert done.returncode == 0, done.stderr
        assert await db.fetch_value("SELECT requires_otp FROM users_role WHERE name = 'owner'") is demanded
    row = await db.fetch_one("SELECT before::text, after::text FROM core_audit WHERE action = 'role.changed' LIMIT 1")
    assert "needs_second_factor" in row["before"] + row["after"]
    unknown = await feria("staff", "role", "emperor", "--require-otp")
    assert (unknown.returncode, "no role 'emperor'" in unknown.stderr) == (1, True)
    assert (await feria("staff", "role", "owner")).returncode == 2
