"""Mail through worker deaths, flushed and stopped Redis: each is sent, and its effect is stored once."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import from_url
from servers import descendants, feria, wait_for

from feria_core._internal.migrations import connect
from feria_core.embedded.binaries import find_valkey
from feria_core.testing.mailbox import Mailbox

MAILS = 1000
KILLS = 6
FLUSHES = 3
QUEUE = f"""
from pathlib import Path
from feria_core import db, mail
from feria_core.commands.deployment import Deployment, run_with_runtime
import os

async def queue():
    async with db.transaction():
        for number in range({MAILS}):
            await mail.send("core/test", to=f"reader{{number}}@example.com", context={{}})

run_with_runtime(Deployment(Path(os.environ["FERIA_PLUGINS"]), Path(".")), queue)
"""


class Redis:
    """A Valkey of this test alone, to be flushed, stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.url = f"unix://{folder}/s"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            find_valkey(),
            "--port",
            "0",
            "--unixsocket",
            str(self._folder / "s"),
            "--save",
            "",
            "--dir",
            str(self._folder),
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for((self._folder / "s").exists, within_s=10, what="Valkey listens")

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(10)

    async def flush(self) -> None:
        client = from_url(self.url)
        await client.flushall()
        await client.aclose()


async def test_a_thousand_mails_survive_dying_workers_and_a_lost_redis(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, own_database_url: str, plugins_file: Path
) -> None:
    redis = Redis(tmp_path_factory.mktemp("r"))
    redis.start()
    async with Mailbox(tmp_path / "mail") as mailbox:
        environment = {
            "DATABASE_URL": own_database_url,
            "REDIS_URL": redis.url,
            "FERIA_PLUGINS": str(plugins_file),
            "FERIA_CORE__SMTP_HOST": "127.0.0.1",
            "FERIA_CORE__SMTP_PORT": str(mailbox.port),
            "FERIA_CORE__LOG_LEVEL": "error",
        }
        subprocess.run([sys.executable, "-c", QUEUE], env={**os.environ, **environment}, check=True)
        connection = await connect(own_database_url)
        with feria("worker", "--processes", "2", environment=environment, log=tmp_path / "worker.log") as workers:
            started = time.monotonic()
            await disturb(redis, workers)
            await all_sent(connection, started, within_s=120)
        effects = await connection.fetchval("SELECT count(*) FROM core_mail WHERE sent_at IS NOT NULL")
        await connection.close()
        sends = Counter(received["message_id"] for received in mailbox.mails())
    redis.stop()
    assert effects == MAILS
    assert len(sends) == MAILS
    assert sum(sends.values()) <= MAILS + 10


async def disturb(redis: Redis, workers: subprocess.Popen[bytes]) -> None:
    """Six kills, three flushes and three seconds without Redis, spread over the work."""
    dice = random.Random(7)
    wait_for(lambda: bool(descendants(workers, "feria_workers")), within_s=30, what="workers run")
    acts = ["kill"] * KILLS + ["flush"] * FLUSHES + ["outage"]
    dice.shuffle(acts)
    for act in acts:
        await asyncio.sleep(dice.uniform(0.8, 1.6))
        if act == "kill":
            alive = descendants(workers, "feria_workers")
            if alive:
                dice.choice(alive).kill()
        elif act == "flush":
            await redis.flush()
        else:
            redis.stop()
            await asyncio.sleep(3)
            redis.start()


async def all_sent(connection: Any, started: float, *, within_s: float) -> None:
    while time.monotonic() - started < within_s:
        if await connection.fetchval("SELECT count(*) FROM core_mail WHERE sent_at IS NULL") == 0:
            return
        await asyncio.sleep(0.2)
    left = await connection.fetch(
        "SELECT state, attempt, dispatch, last_error, count(*) FROM core_job GROUP BY 1, 2, 3, 4"
    )
    raise AssertionError(f"not all sent within {within_s} s: {[dict(row) for row in left]}")
