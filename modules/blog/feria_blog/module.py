"""What this module hands to core."""

from feria_core.module import Module

module = Module()
