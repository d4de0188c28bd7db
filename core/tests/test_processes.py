import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest

import feria_core
from feria_core.processes import Supervisor, spawn, stop_together

CORE = Path(feria_core.__file__).parents[1]
# Says that it runs, then that it was asked to stop.
RECORDER = "trap 'echo $0 >> stopped; exit 0' TERM; touch ready-$0$FERIA_CHILD_INDEX; while :; do sleep 0.02; done"
STUBBORN = "trap '' TERM; touch ready; while :; do sleep 0.02; done"


def until(condition: Callable[[], object], timeout_s: float = 10.0):
    deadline = time.monotonic() + timeout_s
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
    return found


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@contextmanager
def python(source: str, *arguments: object, **options):
    """A script in its own process, killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(source), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(CORE)},
        text=True,
        **options,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


def test_a_child_writes_to_its_log_and_is_stopped_by_its_own_signal(tmp_path):
    script = "trap 'echo interrupted; exit 3' INT; echo started; touch ready; while :; do sleep 0.02; done"
    log = tmp_path / "log" / "child.log"
    child = spawn(["sh", "-c", script], name="child", cwd=tmp_path, stop_signal=signal.SIGINT, log_path=log)
    until((tmp_path / "ready").exists)
    assert child.wait(0.05) is None
    assert child.stop() == 3
    assert child.stop() == 3
    assert log.read_text().split() == ["started", "interrupted"]
    assert log.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing runs between fork and exec")
def test_a_child_hears_its_stop_signal_though_its_supervisor_was_started_ignoring_it(tmp_path):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell does for what it runs in the background
    try:
        child = spawn(["sleep", "60"], name="sleeper", stop_signal=signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    began = time.monotonic()
    assert child.stop(grace_s=10) == -signal.SIGINT
    assert time.monotonic() - began < 5


def test_a_child_has_a_session_of_its_own(tmp_path):
    child = spawn(["sleep", "60"], name="sleeper")
    try:
        assert os.getsid(child.pid) == os.getpgid(child.pid) == child.pid
    finally:
        child.stop()


def test_a_child_that_ignores_the_signal_is_killed_with_its_group_after_the_grace(tmp_path):
    script = f"sleep 60 & echo $! > grandchild; {STUBBORN}"
    child = spawn(["sh", "-c", script], name="stubborn", cwd=tmp_path)
    until((tmp_path / "ready").exists)
    assert child.stop(grace_s=0.1) == -signal.SIGKILL
    grandchild = int((tmp_path / "grandchild").read_text())
    until(lambda: not is_alive(grandchild))


def test_a_missing_program_is_an_os_error():
    with pytest.raises(FileNotFoundError):
        spawn(["/nonexistent/program"], name="nothing")


def test_a_child_survives_the_thread_that_started_it():
    children = []
    thread = threading.Thread(target=lambda: children.append(spawn(["sleep", "60"], name="sleeper")))
    thread.start()
    thread.join()
    assert children[0].wait(0.2) is None
    children[0].stop()


@pytest.mark.skipif(sys.platform != "linux", reason="needs prctl")
def test_a_killed_parent_takes_its_children_along(tmp_path):
    source = """
        import sys, time
        from feria_core.processes import spawn
        print(spawn(["sleep", "60"], name="sleeper").pid, flush=True)
        time.sleep(60)
    """
    with python(source, stdout=subprocess.PIPE) as parent:
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
        until(lambda: not is_alive(pid))


def test_a_process_that_asked_for_it_ends_with_its_parent():
    child = (
        "import os, time; from feria_core.processes import die_with_parent;"
        "die_with_parent(parent_pid=os.getppid()); print(os.getpid(), flush=True); time.sleep(60)"
    )
    source = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    with python(source, child, stdout=subprocess.PIPE) as parent:
        pid = int(parent.stdout.readline())
        parent.kill()
        until(lambda: not is_alive(pid))


def test_a_process_whose_parent_is_gone_already_ends_at_once():
    source = "from feria_core.processes import die_with_parent; die_with_parent(parent_pid=2**22); print('alive')"
    with python(source, stdout=subprocess.PIPE) as process:
        assert process.wait(10) == -signal.SIGTERM
        assert process.stdout.read() == ""


def test_children_stop_in_reverse_order_and_copies_together(tmp_path):
    with Supervisor() as supervisor:
        for name in ("first", "second"):
            supervisor.add(["sh", "-c", RECORDER, name], name=name, cwd=tmp_path)
        supervisor.add(["sh", "-c", RECORDER, "copy"], name="copy", copies=3, cwd=tmp_path)
        assert [child.name for child in supervisor.children] == ["first", "second", "copy-0", "copy-1", "copy-2"]
        until(lambda: len(list(tmp_path.glob("ready-*"))) == 5)
        assert {path.name for path in tmp_path.glob("ready-copy*")} == {f"ready-copy{n}" for n in range(3)}
    assert (tmp_path / "stopped").read_text().split() == ["copy"] * 3 + ["second", "first"]
    assert supervisor.children == ()


def test_a_killed_child_is_replaced_and_reported(tmp_path):
    source = """
        import sys
        from feria_core.processes import Supervisor
        with Supervisor() as supervisor:
            supervisor.add(["sh", "-c", "echo $$; exec sleep 60"], name="worker", copies=2)
            sys.exit(supervisor.run_until_stopped())
    """
    with python(source, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as supervisor:
        first, second = (int(supervisor.stdout.readline()) for _ in range(2))
        os.kill(first, signal.SIGKILL)
        third = int(supervisor.stdout.readline())
        assert third not in {first, second}
        assert is_alive(second)
        supervisor.send_signal(signal.SIGTERM)
        assert supervisor.wait(10) == 0
        assert not is_alive(second)
        assert not is_alive(third)
        reports = supervisor.stderr.read().splitlines()
    assert len(reports) == 1
    assert f"(pid {first}) was ended by SIGKILL after" in reports[0]
    assert reports[0].endswith("starting it again in 0.2 s")


def test_what_a_dead_child_had_started_is_gone_before_it_is_replaced(tmp_path):
    reports = []
    script = "sleep 60 & echo $! >> grandchildren; kill -9 $$"
    with Supervisor(report=reports.append) as supervisor:
        supervisor.add(["sh", "-c", script], name="crashing", cwd=tmp_path)
        last = supervisor.add(["sleep", "0.7"], name="last", restart=False)[0]
        assert supervisor.run_until_stopped() == 0
    assert last.poll() == 0
    pids = [int(line) for line in (tmp_path / "grandchildren").read_text().split()]
    assert len(pids) >= 2
    until(lambda: not any(map(is_alive, pids)))
    assert [line.rpartition("in ")[2] for line in reports][:2] == ["0.2 s", "0.4 s"]


@pytest.mark.parametrize(("script", "code"), [("exit 4", 4), ("kill -9 $$", 137), ("exit 0", 0)])
def test_the_end_of_a_child_that_is_not_restarted_stops_everything(tmp_path, script, code):
    reports = []
    with Supervisor(report=reports.append) as supervisor:
        (other,) = supervisor.add(["sleep", "60"], name="other")
        supervisor.add(["sh", "-c", script], name="main", restart=False)
        assert supervisor.run_until_stopped() == code
    assert other.poll() == -signal.SIGTERM
    assert len(reports) == 1
    assert reports[0].endswith("stopping everything")


def test_an_adopted_child_is_watched_and_stopped():
    child = spawn(["sleep", "0.1"], name="server")
    with Supervisor(report=lambda _: None) as supervisor:
        supervisor.adopt([child])
        assert supervisor.run_until_stopped() == 0


def test_a_supervisor_gives_the_signal_handlers_back():
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with Supervisor() as supervisor:
        signal.raise_signal(signal.SIGINT)
        assert supervisor.stopping
        assert supervisor.run_until_stopped() == 0
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def test_stopping_several_takes_one_grace_together(tmp_path):
    children = [spawn(["sh", "-c", STUBBORN], name="stubborn", cwd=tmp_path) for _ in range(3)]
    until((tmp_path / "ready").exists)
    started = time.monotonic()
    stop_together(children, grace_s=0.4)
    assert time.monotonic() - started < 1.0


def test_only_the_standard_library_is_loaded():
    source = """
        import sys
        import feria_core.processes, feria_core.embedded
        outside = {name for name in sys.modules if "." not in name} - set(sys.stdlib_module_names)
        print(sorted(name for name in outside if not name.startswith("_")))
    """
    with python(source, stdout=subprocess.PIPE) as process:
        assert process.stdout.read().strip() in {"['feria_core']", "['feria_core', 'sitecustomize']"}


@pytest.mark.skipif(sys.platform != "linux", reason="what sched(7) tells of sessions is Linux's")
def test_who_gives_way_lowers_himself_and_a_session_that_he_leads():
    program = """
        import os
        from pathlib import Path
        from feria_core.processes import give_way

        def share():  # empty where autogroups are off, and in a session that was there before the machine's own
            group = Path("/proc/self/autogroup")
            return group.read_text().split()[-1:] if group.exists() else []

        before = share()
        give_way(7)
        print(os.nice(0), before == share(), *share())
    """
    for leads in (True, False):
        command = [sys.executable, "-c", textwrap.dedent(program)]
        found = subprocess.run(command, start_new_session=leads, capture_output=True, text=True, check=True)
        niceness, same, *share = found.stdout.split()
        assert niceness == str(min(os.nice(0) + 7, 19))
        assert share in ([], ["7"]) if leads else same == "True"
