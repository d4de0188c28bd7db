from __future__ import annotations

import asyncio
import csv
import json
import tracemalloc

import bcrypt
import pytest

from feria_core import db
from feria_users.importing.rows import BadFile
from feria_users.importing.run import ErrorReport, import_accounts

HASH = bcrypt.hashpw(b"correct horse battery", bcrypt.gensalt(4)).decode()


@pytest.fixture
def bring(tmp_path, database):
    """Import this text; return the tally and the refused rows."""

    async def run(text, name="accounts.csv"):
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        report = ErrorReport(tmp_path / "errors.csv")
        tally = await import_accounts(file, report=report, on_batch=lambda _: None)
        report.close()
        refused = []
        if report.path.exists():
            with report.path.open(newline="") as lines:
                refused = list(csv.DictReader(lines))
            report.path.unlink()
        return tally, refused

    return run


async def test_accounts_of_another_system_sign_in_with_their_passwords(bring, login):
    text = f"email,name,password_hash,verified\nAna@Example.org,Ana Castro,{HASH},true\nbea@example.org,,{HASH},no\n"
    tally, refused = await bring(text)
    assert (tally.rows, tally.created, tally.refused, refused) == (2, 2, 0, [])
    assert (await login()).status == 200
    assert (await login("bea@example.org")).code == "email_not_verified"
    rows = await db.fetch_all("SELECT email, name FROM users_account ORDER BY email_normalized")
    assert [tuple(row.values()) for row in rows] == [("Ana@Example.org", "Ana Castro"), ("bea@example.org", "bea")]


async def test_json_lines_are_known_by_their_content(bring, login):
    lines = [
        {"email": "ana@example.org", "name": "Ana", "password_hash": HASH, "verified": True},
        {"email": "bea@example.org", "password_hash": None, "verified": "yes"},
    ]
    text = "\ufeff" + "\n\n".join(json.dumps(line) for line in lines)
    tally, refused = await bring(text, "accounts.txt")
    assert (tally.created, refused) == (2, [])
    assert (await login()).status == 200
    assert (await login("bea@example.org")).code == "invalid_credentials"


async def test_an_import_can_be_repeated_and_touches_nobody_who_is_there(bring, login):
    text = f"email,name,password_hash,verified\nana@example.org,Ana,{HASH},true\nANA@example.org,Twin,{HASH},true\n"
    assert (await bring(text))[0].created == 1
    assert (await login()).status == 200
    before = await db.fetch_one("SELECT * FROM users_account")
    tally, _ = await bring(text)
    assert (tally.created, tally.known) == (0, 2)
    assert await db.fetch_one("SELECT * FROM users_account") == before
    assert not before["password_hash"].startswith("$2b$")


BAD = {
    "email is no address": "nobody,Ana,,true",
    "no control characters": '"a@example.org","A\x07na",,true',
    "1 to 200 characters": f"a@example.org,{'n' * 201},,true",
    "neither bcrypt": "a@example.org,Ana,5f4dcc3b5aa765d61d8327deb882cf99,true",
    "cost 4 to 14": f"a@example.org,Ana,$2b$31${'a' * 53},true",
    "verified must be": "a@example.org,Ana,,perhaps",
    "the row has 3 cells": "a@example.org,Ana,true",
    "not UTF-8": b"a@example.org,\xff\xfe,,true",
}


async def test_bad_rows_are_reported_with_row_and_reason_and_the_rest_goes_on(bring):
    lines = [line if isinstance(line, bytes) else line.encode() for line in BAD.values()]
    text = b"\n".join([b"email,name,password_hash,verified", *lines, b"good@example.org,Good,,true", b""])
    tally, refused = await bring(text)
    assert (tally.rows, tally.created, tally.refused) == (len(BAD) + 1, 1, len(BAD))
    for number, (reason, row) in enumerate(zip(BAD, refused, strict=True), start=1):
        assert row["row"] == str(number)
        assert reason in row["reason"], row


async def test_bad_json_lines_are_reported_too(bring):
    lines = [
        "{broken", "[1]", '{"email": 5}', '{"email": "a@example.org", "is_admin": true}',
        '{"email": "\\ud800@example.org"}', '{"email": "a@example.org", "name": "' + "n" * 70_000 + '"}',
        '{"email": "a@example.org", "verified": [1]}', '{"email": "good@example.org"}',
    ]  # fmt: skip
    tally, refused = await bring("{}\n" + "\n".join(lines))
    assert (tally.created, len(refused)) == (1, 8)


async def test_a_file_without_the_columns_is_refused_whole(bring):
    with pytest.raises(BadFile, match="names no column 'email'"):
        await bring("name,password\nAna,secret\n")
    with pytest.raises(BadFile):
        await bring("")


async def test_the_memory_does_not_grow_with_the_file(tmp_path, database):
    file = tmp_path / "many.csv"
    with file.open("w") as lines:
        lines.write("email,name,password_hash,verified\n")
        lines.writelines(f"person-{n}@example.org,Person {n},{HASH},true\n" for n in range(20_000))
    report = ErrorReport(tmp_path / "errors.csv")
    seen = []
    tracemalloc.start()
    try:
        tally = await import_accounts(file, report=report, on_batch=lambda t: seen.append(t.bytes_done))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (tally.created, seen[-1]) == (20_000, file.stat().st_size)
    assert len(seen) >= 40
    assert peak < 8 * 1024 * 1024


async def test_two_imports_at_once_make_each_account_once(tmp_path, database):
    file = tmp_path / "same.csv"
    rows = "".join(f"person-{n}@example.org,P,,true\n" for n in range(1500))
    file.write_text("email,name,password_hash,verified\n" + rows)
    report = ErrorReport(tmp_path / "errors.csv")
    tallies = await asyncio.gather(*(import_accounts(file, report=report, on_batch=lambda _: None) for _ in range(3)))
    assert sum(tally.created for tally in tallies) == 1500
