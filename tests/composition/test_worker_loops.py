"""What a worker does over and over ends when it is told to, whatever fails at that moment."""

from __future__ import annotations

import asyncio

import pytest

from feria_workers import process


async def test_a_loop_that_loses_its_server_while_it_is_ended_does_not_begin_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process, "PAUSE_S", 0.0)
    begun = 0

    async def loop() -> None:
        nonlocal begun
        begun += 1
        try:
            await asyncio.sleep(10)
        finally:
            raise ConnectionError("closing needs the server too")

    task = asyncio.create_task(process._for_ever(loop))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait_for(asyncio.shield(task), 5)
    assert begun == 1


async def test_a_loop_that_loses_its_server_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "PAUSE_S", 0.0)
    begun = asyncio.Semaphore(0)

    async def loop() -> None:
        begun.release()
        raise ConnectionError("away")

    task = asyncio.create_task(process._for_ever(loop))
    for _ in range(3):
        await asyncio.wait_for(begun.acquire(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
