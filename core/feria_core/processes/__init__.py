"""Child processes that never outlive their parent.

Only the standard library: the process that supervises stays up next to the others and must be small.
"""

from feria_core.processes.child import DEFAULT_GRACE_S, Child, die_with_parent, spawn, stop_together
from feria_core.processes.priority import give_way
from feria_core.processes.supervisor import INDEX_ENV, Supervisor

__all__ = [
    "DEFAULT_GRACE_S",
    "INDEX_ENV",
    "Child",
    "Supervisor",
    "die_with_parent",
    "give_way",
    "spawn",
    "stop_together",
]
