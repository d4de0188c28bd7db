"""Several children, kept running and stopped in order."""

from __future__ import annotations

import functools
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from feria_core.processes.child import DEFAULT_GRACE_S, Child, spawn, stop_together

INDEX_ENV = "FERIA_CHILD_INDEX"
"""The variable in which each of several `copies` reads its number, from 0."""

_FIRST_BACKOFF_S = 0.2
_LONGEST_BACKOFF_S = 5.0
_STEADY_AFTER_S = 10.0
_LOOK_EVERY_S = 0.1


@dataclass
class _Post:
    """A place that a child fills, and another one after it."""

    name: str
    start: Callable[[], Child] | None  # None: its end stops everything
    grace_s: float
    child: Child | None
    backoff_s: float = _FIRST_BACKOFF_S
    restart_at: float = 0.0


class Supervisor:
    """Keeps children running and stops them in reverse order of their start. For the main thread.

    A context manager: inside, SIGINT, SIGTERM and SIGHUP ask it to stop (a SIGHUP that nohup ignores stays ignored);
    leaving it stops all children.
    """

    def __init__(self, *, report: Callable[[str], object] | None = None) -> None:
        self._report = report or _to_stderr
        self._groups: list[list[_Post]] = []
        self._stopping = False
        self._handlers: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                self._handlers[number] = signal.signal(number, self._on_stop_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    @property
    def stopping(self) -> bool:
        """True once a signal asked it to stop."""
        return self._stopping

    @property
    def children(self) -> tuple[Child, ...]:
        """The children that run now or ended without having been replaced yet, in start order."""
        return tuple(post.child for group in self._groups for post in group if post.child)

    def add(
        self,
        argv: Sequence[str | Path],
        *,
        name: str,
        copies: int | None = None,
        restart: bool = True,
        grace_s: float = DEFAULT_GRACE_S,
        env: Mapping[str, str] | None = None,
        **options: Any,
    ) -> tuple[Child, ...]:
        """Start `argv` now and keep it running; `options` are those of `spawn`.

        With `copies` it runs that many times, as `name-0`, `name-1`, …, each with its number in FERIA_CHILD_INDEX;
        they are asked to stop together. `restart=True` replaces a child that ended, 0.2 s later at first and at most
        5 s; with `restart=False` its end stops everything. Raises what `spawn` raises.
        """
        group: list[_Post] = []
        self._groups.append(group)
        for index in range(1 if copies is None else copies):
            label, environment = name, env
            if copies is not None:
                label = f"{name}-{index}"
                environment = {**(os.environ if env is None else env), INDEX_ENV: str(index)}
            start = functools.partial(spawn, argv, name=label, env=environment, **options)
            group.append(_Post(label, start if restart else None, grace_s, start()))
        return tuple(post.child for post in group if post.child)

    def adopt(self, children: Iterable[Child], *, grace_s: float = DEFAULT_GRACE_S) -> None:
        """Watch children that were started elsewhere, in that order: the end of one stops everything."""
        self._groups.extend([_Post(child.name, None, grace_s, child)] for child in children)

    def run_until_stopped(self) -> int:
        """Block until a signal or the end of a child that is not restarted; all children are stopped then.

        Returns 0 after a signal, else that child's exit code, 128 + n where signal n ended it.
        """
        ended: int | None = None
        while not self._stopping and ended is None:
            ended = self._tend()
            if ended is None:
                time.sleep(_LOOK_EVERY_S)
        self.stop()
        return 0 if self._stopping or ended is None else ended

    def stop(self) -> None:
        """Stop all children, the last one started first; repeats safely."""
        while self._groups:
            group = self._groups[-1]  # dropped only after it is down, so that an exception forgets nobody
            children = [post.child for post in group if post.child]
            stop_together(children, max((post.grace_s for post in group), default=0.0))
            self._groups.pop()

    def _on_stop_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _tend(self) -> int | None:
        """Bury and replace; return an exit code when a child ended that must not end."""
        for post in [post for group in self._groups for post in group]:
            if post.child is not None and (code := post.child.poll()) is not None:
                post.child.kill()  # what it started itself must not hold ports and rows against the next one
                self._bury(post, post.child, code)
                if post.start is None:
                    return code if code >= 0 else 128 - code
            if post.child is None and post.start and time.monotonic() >= post.restart_at:
                self._start_again(post, post.start)
        return None

    def _bury(self, post: _Post, child: Child, code: int) -> None:
        lived_s = time.monotonic() - child.started_at
        if lived_s >= _STEADY_AFTER_S:
            post.backoff_s = _FIRST_BACKOFF_S
        then = f"starting it again in {post.backoff_s:g} s" if post.start else "stopping everything"
        self._report(f"{post.name} (pid {child.pid}) {_how_it_ended(code)} after {lived_s:.1f} s: {then}")
        if post.start:
            post.child = None
            self._delay(post)

    def _start_again(self, post: _Post, start: Callable[[], Child]) -> None:
        try:
            post.child = start()
        except OSError as error:
            self._report(f"{post.name} could not be started: {error}: trying again in {post.backoff_s:g} s")
            self._delay(post)

    def _delay(self, post: _Post) -> None:
        post.restart_at = time.monotonic() + post.backoff_s
        post.backoff_s = min(post.backoff_s * 2, _LONGEST_BACKOFF_S)


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was ended by {signal.Signals(-code).name}"


def _to_stderr(sentence: str) -> None:
    sys.stderr.write(f"feria: {sentence}\n")
    sys.stderr.flush()
