"""Orders are taken while Redis is down, and what was owed is done once it is back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from servers import answers, feria, wait_for
from test_race import Buyer, Fleet, make_variants, session

from feria_core._internal.migrations import connect
from feria_core.testing.mailbox import Mailbox
from feria_core.testing.ports import free_port

pytestmark = pytest.mark.journey


async def test_an_order_is_placed_without_redis_and_its_mail_follows(
    own_database_url: str, server_urls: tuple[str, str], plugins_file: Path, tmp_path: Path
) -> None:
    port = free_port()
    async with Mailbox(tmp_path / "mail") as mailbox:
        environment = {
            "DATABASE_URL": own_database_url,
            "REDIS_URL": f"unix://{tmp_path}/nobody-listens",
            "FERIA_PLUGINS": str(plugins_file),
            "FERIA_CORE__LOG_LEVEL": "error",
            "FERIA_CORE__SMTP_HOST": "127.0.0.1",
            "FERIA_CORE__SMTP_PORT": str(mailbox.port),
        }
        fleet = Fleet(f"http://127.0.0.1:{port}", own_database_url, environment)
        with feria("serve", "--port", str(port), environment=environment, log=tmp_path / "web.log"):
            wait_for(lambda: answers(f"{fleet.base}/healthz"), within_s=60, what="the web process answers")
            assert not answers(f"{fleet.base}/readyz"), "readiness names what is missing"
            (variant,) = await make_variants(fleet, [1])
            async with session() as http:
                status, order = await Buyer(http, fleet.base).buy(variant)
        assert status == 201, order
        connection = await connect(own_database_url)
        assert await connection.fetchval("SELECT count(*) FROM core_mail WHERE sent_at IS NULL") == 1
        back = {**environment, "REDIS_URL": server_urls[1]}
        with feria("worker", environment=back, log=tmp_path / "worker.log"):
            async with asyncio.timeout(60):
                while await connection.fetchval("SELECT count(*) FROM core_mail WHERE sent_at IS NULL"):
                    await asyncio.sleep(0.1)
        await connection.close()
        (mail,) = mailbox.mails()
        assert order["number"] in mail["subject"]
