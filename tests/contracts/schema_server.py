"""A web process as `feria serve` runs it, that takes the credentials of tests too: schemathesis signs itself out.

`python schema_server.py PORT`, told all else through the environment.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from feria_core.web import configured, supervised

if TYPE_CHECKING:
    from quart import Quart


def application() -> Quart:
    """Return the application of this process."""
    from feria_core import web
    from feria_core.runtime import current
    from feria_core.testing.callers import admit

    app = web.application()
    admit(current().registry)
    return app


if __name__ == "__main__":
    os.environ["FERIA_SERVER_PID"] = str(os.getpid())
    config = configured("schema_server:application", "127.0.0.1", int(sys.argv[1]))
    supervised(config, config.bind_socket())
