import asyncio
import os
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from feria_core.processes import room, spawn, usage
from feria_core.processes.room import leaving_room

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what others use")

WORKING = [sys.executable, "-c", "while True: pass"]


@pytest.fixture
def child():
    child = spawn(WORKING, name="child", stop_signal=signal.SIGKILL)
    yield child
    child.kill()
    child.wait()


@contextmanager
def others_busy():
    loop = subprocess.Popen(WORKING)
    try:
        yield
    finally:
        loop.kill()
        loop.wait()


def fields(child):
    return Path(f"/proc/{child.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()


def is_held(child):
    return fields(child)[0] == "T"


def had(child):
    return int(fields(child)[11]) + int(fields(child)[12])


async def until(condition, within_s=20.0):
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine of two cores of which nobody uses anything, until a test says how much."""
    told = tmp_path / "stat"
    monkeypatch.setattr(usage, "_MACHINE", told)
    monkeypatch.setattr(room, "LOOKED_EVERY_S", 0.01)
    counted = {"busy": 0, "idle": 0}

    def go_on(child, busy):
        """Let ten hundredths pass on each core, of which others use so many and the child what it has used."""
        counted["busy"] += busy
        counted["idle"] += 20 - busy
        told.write_text(f"cpu  {counted['busy'] + had(child)} 0 0 {counted['idle']} 7 0 0 0 0 0\ncpu0 1 2 3\n")

    return go_on


async def passes(machine, child, busy, until_held):
    for _ in range(200):
        machine(child, busy)
        await asyncio.sleep(0.02)
        if is_held(child) == until_held:
            return
    raise AssertionError(f"held: {not until_held}")


async def test_a_child_is_held_from_a_quarter_of_the_machine_on_that_others_use_and_let_on_below(child, machine):
    machine(child, 0)
    async with leaving_room(child):
        await passes(machine, child, 10, until_held=True)
        await passes(machine, child, 0, until_held=False)
        await passes(machine, child, 6, until_held=True)


async def test_a_child_is_not_held_before_it_has_done_what_is_short(child, machine):
    machine(child, 0)
    async with leaving_room(child, after_s=0.5):
        while had(child) < 40:
            machine(child, 20)
            await asyncio.sleep(0.02)
            assert not is_held(child)
        await passes(machine, child, 20, until_held=True)
    assert had(child) >= 50


async def test_what_the_child_itself_uses_does_not_hold_it(child, machine):
    machine(child, 0)
    async with leaving_room(child):
        for _ in range(50):
            machine(child, 4)
            await asyncio.sleep(0.02)
            assert not is_held(child)
    assert had(child) > 0


async def test_a_child_is_let_on_at_the_end_of_the_block_however_busy_the_machine_is(child, machine):
    machine(child, 0)
    async with leaving_room(child):
        await passes(machine, child, 20, until_held=True)
    await until(lambda: not is_held(child))


async def test_a_machine_that_is_never_quiet_lets_a_child_on_for_moments_alone(child, monkeypatch):
    monkeypatch.setattr(room, "LONGEST_HELD_S", 0.5)
    with ExitStack() as loops:
        for _ in range(os.cpu_count() or 1):
            loops.enter_context(others_busy())
        async with leaving_room(child):
            await until(lambda: is_held(child))
            before = had(child)
            for _ in range(3):
                await until(lambda: not is_held(child))
                await until(lambda: is_held(child))
            await until(lambda: had(child) > before)


async def test_a_held_child_ends_with_a_parent_that_is_killed():
    program = """
import signal, sys, time
from feria_core.processes import spawn
child = spawn(["sleep", "60"], name="child", stop_signal=signal.SIGKILL)
child.process.send_signal(signal.SIGSTOP)
print(child.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        state = Path(f"/proc/{pid}/stat")
        await until(lambda: state.read_text().rpartition(")")[2].split()[0] == "T")
        parent.kill()
    await until(lambda: not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z")


async def test_a_child_that_would_not_hear_its_end_is_not_held():
    child = spawn(["sleep", "60"], name="sleeper")
    try:
        with pytest.raises(ValueError, match="sleeper is stopped by SIGTERM"):
            async with leaving_room(child):
                pass
    finally:
        child.stop()


async def test_a_child_that_ends_while_room_is_left_is_no_error(child):
    async with leaving_room(child):
        child.kill()
        await asyncio.to_thread(child.wait)
        await asyncio.sleep(0.2)
