"""One child process, bound to the life of this one."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

DEFAULT_GRACE_S = 30.0
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass
class Child:
    """A running child: the leader of its own session and process group."""

    name: str
    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals
    started_at: float = field(default_factory=time.monotonic)
    _swept: bool = field(default=False, repr=False)

    @property
    def pid(self) -> int:
        return self.process.pid

    def poll(self) -> int | None:
        """Return the exit code (negative: the signal that ended it), or None while it runs."""
        return self.process.poll()

    def wait(self, timeout_s: float | None = None) -> int | None:
        """Return the exit code once it ended, or None when it still runs after `timeout_s`."""
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def ask_to_stop(self) -> None:
        """Send the child, not its group, its stop signal; nothing happens when it has ended."""
        self.process.send_signal(self.stop_signal)

    def kill(self) -> None:
        """Send SIGKILL to its process group, what a child that ended left behind included; repeats safely."""
        if self._swept:
            return
        # Once only after its end: later the number may belong to another group.
        self._swept = self.poll() is not None
        # macOS answers EPERM for a group that holds nothing but zombies.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def stop(self, grace_s: float = DEFAULT_GRACE_S) -> int:
        """Return the exit code after the stop signal and, past `grace_s`, SIGKILL; repeats safely."""
        stop_together([self], grace_s)
        return self.process.wait()


def spawn(
    argv: Sequence[str | Path],
    *,
    name: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: IO[bytes] | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    log_path: Path | None = None,
    user: str | None = None,
) -> Child:
    """Start `argv` in its own session, so that a terminal's Ctrl-C reaches only the supervisor.

    On Linux the child gets `stop_signal` when this process ends in whatever way. Output is inherited, or appended
    to `log_path`; without `stdin` the child reads nothing. `env` replaces the environment. `user` (root only) is
    whose uid and primary group the child gets, without further groups.
    Raises OSError when the program cannot be started, KeyError for an unknown user.
    """
    account = pwd.getpwnam(user) if user else None
    with contextlib.ExitStack() as files:
        log = files.enter_context(_private_log(log_path)) if log_path else None
        start = functools.partial(
            _fork,
            [os.fspath(part) for part in argv],
            env=env,
            cwd=cwd,
            stdin=stdin or subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT if log else None,
            start_new_session=True,
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=[] if account else None,
            preexec_fn=_bound_to_this_process(stop_signal),
        )
        # The signal goes out when the *thread* that forked ends, so elsewhere one that lasts does it.
        in_main = threading.current_thread() is threading.main_thread()
        return Child(name, start() if in_main else _forker().submit(start).result(), stop_signal)


def die_with_parent(sig: signal.Signals = signal.SIGTERM, *, parent_pid: int | None = None) -> None:
    """Have this process sent `sig` when its parent ends; to be called first thing by a long-running child.

    `parent_pid` is the parent it was started by; naming it also covers a parent that ended before this call.
    On Linux the parent is the thread that forked, elsewhere a daemon thread looks twice a second.
    """
    parent = parent_pid or os.getppid()
    if sys.platform == "linux":
        _parent_death_setter()(sig)
    else:
        threading.Thread(target=_watch_parent, args=(parent, sig), name="parent-watch", daemon=True).start()
    if os.getppid() != parent:  # it ended before anybody watched
        signal.raise_signal(sig)


def stop_together(children: Iterable[Child], grace_s: float) -> None:
    """Send all their stop signals at once, then SIGKILL to the groups still there after `grace_s`; repeats safely."""
    children = list(children)
    deadline = time.monotonic() + grace_s
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.wait(max(0.0, deadline - time.monotonic()))
        child.kill()  # also what a well-behaved leader left behind
        child.wait()


def _bound_to_this_process(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what the child runs between fork and exec.

    A shell ignores SIGINT for what it starts in the background, and a child would inherit that: it would never hear
    its stop signal.
    """
    if sys.platform != "linux":
        return None
    parent = os.getpid()
    set_signal = _parent_death_setter()  # looked up before the fork

    def bind() -> None:
        if stop_signal is not signal.SIGKILL:  # which nobody can ignore, and nothing can be said of
            signal.signal(stop_signal, signal.SIG_DFL)
        set_signal(stop_signal)
        if os.getppid() != parent:  # it ended between fork and prctl
            os._exit(0)

    return bind


@functools.cache
def _parent_death_setter() -> Callable[[int], None]:
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def set_signal(number: int) -> None:
        if prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")

    return set_signal


def _fork(argv: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    with warnings.catch_warnings():
        # From 3.12 on a fork beside threads warns. Ours runs two system calls, looked up before, and then exec.
        warnings.simplefilter("ignore", DeprecationWarning)
        return subprocess.Popen(argv, **options)  # noqa: S603 - what our own code and its operator name


@functools.cache
def _forker() -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor  # 1.5 MB that few processes need

    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="forker")


def _private_log(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def _watch_parent(parent: int, sig: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), sig)
