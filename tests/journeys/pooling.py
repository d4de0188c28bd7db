"""PgBouncer in transaction mode before a PostgreSQL of the tests; skipped where the program is absent."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from servers import wait_for

from feria_core.testing.ports import free_port

CONFIGURATION = """
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 20
max_client_conn = 500
ignore_startup_parameters = extra_float_digits
admin_users = {user}
"""


def installed() -> str:
    """Return the path of PgBouncer; without it the test is skipped."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("PgBouncer is not installed here (Debian: apt-get install pgbouncer)")
    return program


@contextmanager
def pgbouncer(url: str) -> Iterator[str]:
    """Give the URL of the same database through PgBouncer."""
    program = installed()
    parts, listen = urlsplit(url), free_port()
    socket = parse_qs(parts.query)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pgbouncer.ini"
        file.write_text(
            CONFIGURATION.format(host=socket["host"][0], port=socket["port"][0], user=parts.username, listen=listen)
        )
        command = [program, str(file)]
        if os.getuid() == 0:  # it refuses to run as root; the server's owner may reach its socket
            owner = Path(socket["host"][0]).owner()
            shutil.chown(folder, owner)
            command = [program, "--user", owner, str(file)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: _listens(listen), within_s=30, what="PgBouncer listens")
            yield f"postgresql://{parts.username}@127.0.0.1:{listen}{parts.path}"
        finally:
            process.terminate()
            process.wait(30)


def _listens(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
