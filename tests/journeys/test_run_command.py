"""`feria run`: starts everything, ends everything, and minds its neighbours."""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path

import psutil
import pytest
from servers import descendants, wait_for
from shop import running_shop

pytestmark = pytest.mark.journey


def family(pid: int) -> list[psutil.Process]:
    """Return the process and everything below it."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def gone(processes: list[psutil.Process]) -> bool:
    alive = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                alive.append(process)
    return not alive


def test_the_doctor_finds_nothing_and_ctrl_c_stops_all_in_order_and_a_second_start_keeps_the_data(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    with running_shop(data, tmp_path / "log") as shop:
        first = shop.http.get("/api/products").json["total"]
        assert first >= 60
        doctor = shop.feria("doctor")
        assert doctor.stdout.splitlines()[-1] == "nothing found", doctor.stdout
        everyone = family(shop.process.pid)
        assert len(everyone) >= 6
        shop.process.send_signal(signal.SIGINT)
        assert shop.process.wait(40) == 0
        assert gone(everyone[1:])
    with running_shop(data, tmp_path / "log2") as again:
        listed = again.http.get("/api/products").json
        assert listed["total"] == first
        page = again.http.get(f"/api/products/{listed['items'][0]['slug']}").json  # of another port than before
        assert page["seo"]["canonical"].startswith(again.http.base)
        assert "products name the new address" in again.log.read_text(encoding="utf-8")


def test_a_killed_run_leaves_no_orphan_and_loses_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running_shop(data, tmp_path / "log", "--no-demo") as shop:
        made = shop.feria(
            "staff", "create", "--email", "a@example.com", "--password-stdin", stdin="correct horse staple\n"
        )
        assert made.returncode == 0, made.stderr
        everyone = family(shop.process.pid)
        shop.process.kill()
        shop.process.wait()
        wait_for(lambda: gone(everyone), within_s=20, what="every child of the killed run is gone")
    with running_shop(data, tmp_path / "log2", "--no-demo") as again:
        login = again.http.post("/api/auth/login", {"email": "a@example.com", "password": "correct horse staple"})
        assert login.status == 200


def test_a_second_run_on_the_same_data_says_so_and_one_beside_it_does_not_disturb(tmp_path: Path) -> None:
    with (
        running_shop(tmp_path / "one", tmp_path / "log", "--no-demo") as one,
        running_shop(tmp_path / "two", tmp_path / "log2", "--no-demo") as two,
    ):
        refused = one.feria("run", "--port", "0")
        assert refused.returncode == 2
        assert str(one.data) in refused.stderr
        assert str(one.process.pid) in refused.stderr
        taken = two.feria("run", "--port", one.http.base.rpartition(":")[2])
        assert taken.returncode == 2
        assert "choose another with --port" in taken.stderr
        assert one.http.get("/readyz").status == two.http.get("/readyz").status == 200


def test_killed_children_come_back(tmp_path: Path) -> None:
    with running_shop(tmp_path / "data", tmp_path / "log", "--no-demo") as shop:
        for part in ("feria_workers", "feria_core.web"):
            (victim, *_) = descendants(shop.process, part)
            victim.kill()
        wait_for(lambda: answers(shop), within_s=30, what="the web process is back")


def answers(shop) -> bool:
    with contextlib.suppress(OSError):
        return shop.http.get("/readyz").status == 200
    return False
