"""What web processes know of each other's start; how a server ends by it is shown in tests/composition."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from feria_core._internal import first_start


def test_a_server_whose_processes_run_ends_with_0() -> None:
    with first_start.watched() as first:
        first_start.note_started()
        first_start.note_started()
        assert first.exit_code == 0


def test_an_error_of_a_process_that_replaces_another_is_its_own() -> None:
    with first_start.watched() as first:
        first_start.note_started()
        with pytest.raises(ValueError, match="late"), first_start.ends_the_server(os.getpid()):
            raise ValueError("late")
        assert first.exit_code == 0


def test_an_error_is_raised_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FERIA_FIRST_START", raising=False)
    with pytest.raises(ValueError, match="reloaded"), first_start.ends_the_server(os.getpid()):
        raise ValueError("reloaded")


def test_nothing_is_left_of_it() -> None:
    with first_start.watched() as first:
        folder = first.mark.parent
        assert folder.is_dir()
    assert not Path(folder).exists()
