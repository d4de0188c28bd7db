"""A running `feria run` and a buyer's HTTP calls against it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from machines import machines
from servers import FERIA, feria, wait_for


@dataclass(frozen=True)
class Answer:
    """Status, headers and JSON of an answer."""

    status: int
    headers: dict[str, str]
    json: Any


@dataclass
class Http:
    """Calls a base address; `headers` go with every call."""

    base: str
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send JSON and return the answer, whatever its status."""
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        request = urllib.request.Request(self.base + path, data=data, method=method, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return _answer(reply.status, reply.headers, reply.read())
        except urllib.error.HTTPError as refusal:
            return _answer(refusal.code, refusal.headers, refusal.read())

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, None, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Answer:
        return self.call("PATCH", path, body, **headers)

    def mails(self) -> list[dict[str, Any]]:
        """Return what the development mailbox caught, newest first."""
        return list(self.get("/dev/mailbox", Accept="application/json").json["items"])


@dataclass
class RunningShop:
    """A `feria run`: where it is, where its data is."""

    http: Http
    data: Path
    process: subprocess.Popen[bytes] | None
    log: Path

    @property
    def gateway(self) -> Http:
        """The fake gateway of this shop."""
        return Http(json.loads((self.data / "devservices.json").read_text(encoding="utf-8"))["gateway_url"])

    def feria(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run another command on the same data."""
        command = [*FERIA, *arguments, "--data", str(self.data)]
        return subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**os.environ, **PLUGINS},
        )


PLUGINS = {"FERIA_PLUGINS": str(Path(__file__).parents[2] / "plugins.toml")}


@contextmanager
def running_shop(data: Path, log: Path, *arguments: str) -> Iterator[RunningShop]:
    """Start `feria run` on `data` and wait for its `ready` line; Ctrl-C at the end.

    Where FERIA_JOURNEYS_ON says `machines`, the shop stands on several (machines.py), and there is no such process.
    """
    if os.environ.get("FERIA_JOURNEYS_ON") == "machines":
        with machines(data, log, PLUGINS, has_demo="--no-demo" not in arguments) as base:
            yield RunningShop(Http(base), data, None, log)
        return
    with feria("run", "--port", "0", "--data", str(data), *arguments, environment=PLUGINS, log=log) as process:

        def ready() -> re.Match[str] | None:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            return re.search(r"^ready (http://\S+)$", log.read_text(encoding="utf-8"), re.MULTILINE)

        wait_for(lambda: ready() is not None, within_s=120, what="the shop is ready")
        found = ready()
        assert found is not None
        yield RunningShop(Http(found[1]), data, process, log)


def _answer(status: int, headers: Any, body: bytes) -> Answer:
    kind = headers.get("Content-Type", "")
    value = json.loads(body) if body and "json" in kind else body
    return Answer(status, {name.lower(): text for name, text in headers.items()}, value)
