import subprocess
import sys

import pytest

FAILING = """
import structlog
from feria_core.config import CoreSettings
from feria_core.logs import configure_logs
configure_logs(CoreSettings(log_format={log_format!r}))
def pay(gateway_key):
    raise ValueError("the gateway is away")
try:
    pay("sk-very-" + "private")
except ValueError:
    structlog.get_logger("tests").exception("payment.failed", customer_email="ana@example.org", order="F-1")
"""


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_a_logged_error_shows_where_it_arose_and_neither_locals_nor_addresses(log_format: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING.format(log_format=log_format)], capture_output=True, text=True, check=True
    )
    assert "the gateway is away" in done.stderr
    assert "payment.failed" in done.stderr
    assert "sk-very-private" not in done.stderr
    assert "ana@example.org" not in done.stderr
