from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time

import pytest

from feria_core import db
from feria_core.contracts.users import SIGN_IN_HOOKS
from feria_core.errors import Unavailable
from feria_core.processes.usage import Usage
from feria_core.runtime import settings
from feria_users.service import guards, hash_processes, hash_turns, hash_work, hashing
from feria_users.settings import UsersSettings


async def disable(email):
    await db.execute("UPDATE users_account SET status = 'disabled' WHERE email_normalized = $1", email)


def comparable(reply):
    headers = {k: v for k, v in reply.headers.items() if k not in ("x-request-id", "date")}
    return reply.status, headers, {k: v for k, v in reply.json.items() if k != "instance"}


async def test_wrong_unknown_and_disabled_get_one_answer(verified, login):
    await verified("ana@example.org")
    await verified("dan@example.org")
    await disable("dan@example.org")
    wrong = await login("ana@example.org", "a wrong password")
    assert (wrong.status, wrong.code) == (401, "invalid_credentials")
    for email, password in (
        ("nobody@example.org", "a wrong password"), ("dan@example.org", "a wrong password"),
        ("dan@example.org", "correct horse battery"), ("not an address", "a wrong password"),
    ):  # fmt: skip
        assert comparable(await login(email, password)) == comparable(wrong)


async def test_an_unverified_account_shows_only_to_who_knows_the_password(register, login):
    await register()
    assert (await login(password="a wrong password")).code == "invalid_credentials"
    assert (await login()).code == "email_not_verified"


async def test_case_and_width_of_the_address_do_not_matter(verified, login):
    await verified("ana@example.org")
    assert (await login("\uff21NA@Example.org")).status == 200


async def test_an_otp_is_accepted_where_none_is_needed(verified, client):
    await verified()
    body = {"email": "ana@example.org", "password": "correct horse battery", "otp": "123456"}
    assert (await client.post("/api/auth/login", body)).status == 200


async def test_guessing_ends_after_some_tries_and_the_owner_waits_a_minute_at_most(verified, login, clock):
    await verified()
    allowed = settings(UsersSettings).login_failures_per_minute
    statuses = [(await login(password=f"wrong guess {n}")).status for n in range(allowed + 3)]
    assert statuses == [401] * allowed + [429] * 3
    limited = await login()
    assert limited.code == "rate_limited"
    assert 1 <= int(limited.headers["retry-after"]) <= 60
    clock.move(seconds=61)
    assert (await login()).status == 200


async def test_an_unknown_address_is_limited_alike(client, login):
    allowed = settings(UsersSettings).login_failures_per_minute
    statuses = [(await login("nobody@example.org", f"wrong guess {n}")).status for n in range(allowed + 1)]
    assert statuses == [401] * allowed + [429]


async def test_a_right_password_forgives_the_wrong_ones(verified, login, clock):
    await verified()
    for _ in range(3):
        for n in range(settings(UsersSettings).login_failures_per_minute - 1):
            assert (await login(password=f"wrong guess {n}")).status == 401
        assert (await login()).status == 200


async def test_a_guesser_elsewhere_does_not_shut_the_owner_out(verified, login, monkeypatch):
    await verified()
    monkeypatch.setattr(guards, "client_address", lambda: "192.0.2.1")
    while (await login(password="wrong guess")).status == 401:
        pass
    monkeypatch.undo()
    assert (await login()).status == 200


async def test_limits_keep_no_address(verified, login):
    await verified()
    await login(password="a wrong password")
    keys = [row["key"] for row in await db.fetch_all("SELECT key FROM core_rate_limit")]
    assert keys
    assert not any("ana" in key for key in keys)


class Hook:
    def __init__(self, error=None):
        self.calls, self.error = [], error

    async def signed_in(self, user_id, cart_token):
        assert db.current_transaction() is None
        self.calls.append((user_id, cart_token))
        if self.error:
            raise self.error


async def test_hooks_hear_of_a_login_and_cannot_break_it(verified, login, contribute):
    broken, sound = Hook(RuntimeError("broken")), Hook()
    contribute.contribute(SIGN_IN_HOOKS, broken, module="test", order=1)
    contribute.contribute(SIGN_IN_HOOKS, sound, module="test", order=2)
    await verified()
    assert (await login(**{"Cart-Token": "guest-cart"})).status == 200
    user_id = await db.fetch_value("SELECT id FROM users_account")
    assert broken.calls == sound.calls == [(user_id, "guest-cart")]
    await login(password="a wrong password", **{"Cart-Token": "guest-cart"})
    assert len(sound.calls) == 1


async def test_a_login_that_meets_a_password_change_opens_no_session(verified, login, monkeypatch):
    await verified()

    async def slow(stored, password):
        await db.execute("UPDATE users_account SET password_hash = 'changed meanwhile'")
        return True

    monkeypatch.setattr("feria_users.service.sessions.verify_password", slow)
    assert (await login()).code == "invalid_credentials"
    assert await db.fetch_value("SELECT count(*) FROM users_session") == 0


async def test_hashing_inside_a_transaction_is_a_bug(database):
    with pytest.raises(RuntimeError, match="inside a transaction"):
        async with db.transaction():
            await hashing.hash_password("correct horse battery")


async def test_hashing_leaves_the_event_loop_free_and_is_bounded(database):
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    ticker = asyncio.create_task(tick())
    started = time.perf_counter()
    await asyncio.gather(*(hashing.hash_password("correct horse battery") for _ in range(8)))
    elapsed = time.perf_counter() - started
    ticker.cancel()
    assert ticks > elapsed / 0.005 / 10
    assert len(hash_processes._idle) <= settings(UsersSettings).hash_concurrency == 2


async def test_a_process_that_was_ended_meanwhile_is_replaced(database):
    await hashing.hash_password("correct horse battery")
    for process in hash_processes._idle:
        process._child.kill()
        process._child.wait()
    stored = await hashing.hash_password("correct horse battery")
    assert await hashing.verify_password(stored, "correct horse battery")


async def test_a_process_ends_with_the_one_that_it_works_for(database):
    process = hash_processes.Process()
    process._line.close()
    assert await asyncio.to_thread(process._child.wait, 30) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="no such bound elsewhere")
async def test_processes_share_as_many_cores_as_the_operator_says(database):
    processes = [hash_processes.Process(cores=1) for _ in range(2)]
    question = hash_processes._encoded({"password": "correct horse battery", "cost": hashing._COST})
    for process in processes:
        assert (await process.ask(question)).startswith(b'"$argon2id$')
    assert [os.sched_getaffinity(process._child.pid) for process in processes] == [{max(os.sched_getaffinity(0))}] * 2
    for process in processes:
        process.close()


@pytest.mark.parametrize(("others", "rests"), [(0, []), (4, []), (6, [0.1]), (12, [0.1])])
def test_a_process_rests_between_two_hashes_while_others_use_a_quarter_of_the_machine(monkeypatch, others, rests):
    slept: list[float] = []
    monkeypatch.setattr(hash_work.time, "sleep", slept.append)
    monkeypatch.setattr(hash_work, "usage_of", lambda _pid: Usage(all=120, busy=55 + others, own=15))
    hash_work._rest(Usage(all=100, busy=50, own=10), 0.05)
    assert slept == rests


@pytest.mark.skipif(sys.platform != "linux", reason="no such names elsewhere")
def test_so_many_hash_at_a_time_on_a_machine_as_there_are_places(monkeypatch):
    monkeypatch.setattr(hash_turns, "_NAME", f"{hash_turns._NAME}-{os.getpid()}")
    with hash_turns.turn(2) as first, hash_turns.turn(2) as second, hash_turns.turn(2, wait_s=0.05) as third:
        assert (first, second, third) == (True, True, False)
    with hash_turns.turn(1, wait_s=0) as freed:
        assert freed


@pytest.mark.skipif(sys.platform != "linux", reason="no such names elsewhere")
def test_a_turn_comes_when_another_process_has_died_in_its_own(monkeypatch):
    monkeypatch.setattr(hash_turns, "_NAME", f"{hash_turns._NAME}-{os.getpid()}")
    holds = (
        "from feria_users.service import hash_turns as t; import sys, time; t._NAME = chr(0) + sys.argv[1]\n"
        "with t.turn(1): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", holds, hash_turns._NAME[1:]], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with hash_turns.turn(1, wait_s=0.05) as has:
            assert not has
        holder.kill()
        with hash_turns.turn(1, wait_s=30) as has:
            assert has


async def test_a_process_that_gives_way_answers_like_any_other(database):
    process = hash_processes.Process(gives_way=True)
    question = hash_processes._encoded({"password": "correct horse battery", "cost": hashing._COST})
    for _ in range(2):
        assert (await process.ask(question)).startswith(b'"$argon2id$')
    process.close()


async def test_a_caller_who_goes_away_leaves_no_answer_for_the_next(database):
    stored = await hashing.hash_password("correct horse battery")
    for _ in range(4):
        gone = asyncio.create_task(hashing.verify_password(stored, "correct horse battery"))
        await asyncio.sleep(0)
        gone.cancel()
        assert not await hashing.verify_password(stored, "another password")
    assert len(hash_processes._idle) <= settings(UsersSettings).hash_concurrency


async def test_more_than_can_wait_are_told_to_come_again(database, monkeypatch):
    monkeypatch.setattr(hash_processes, "MOST_WAITING", 3)
    asked = [hashing.hash_password("correct horse battery") for _ in range(20)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Unavailable)]
    assert len(refused) >= 15
    assert refused[0].headers["Retry-After"] == "10"
    assert all(answer.startswith("$argon2id$") for answer in answers if answer not in refused)


@pytest.mark.parametrize(
    "password", ["two\nlines of it", "a lone \ud800 surrogate", '\u00e4\u00f6\u00fc \U0001f600 quote" end', "x" * 256]
)
async def test_any_password_reaches_the_process_as_it_is(database, password):
    stored = await hashing.hash_password(password)
    assert await hashing.verify_password(stored, password)
    assert not await hashing.verify_password(stored, password[:-1])


async def test_hashes_have_the_agreed_cost(verified):
    await verified()
    stored = await db.fetch_value("SELECT password_hash FROM users_account")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hashing._DUMMY.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
