"""Tests of upgrades import their helpers from this folder, and those for real processes from the journeys."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "journeys")]
