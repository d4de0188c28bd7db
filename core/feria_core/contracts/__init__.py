"""The shared language of the modules: ports, events and frozen data.

Nothing here imports more than the standard library, `feria_core.ports` and `feria_core.errors`,
so that any module can name another's data without loading another's code.
"""
