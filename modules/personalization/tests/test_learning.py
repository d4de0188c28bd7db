"""Learning from sales: pure, and measured on real ones where they are at hand."""

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from feria_personalization.domain import Table
from feria_personalization.training import content, neighbours
from feria_personalization.training.choosing import learn
from feria_personalization.training.measures import Queries, quality
from feria_personalization.training.replay import ReplayError, read_sales, replay
from feria_personalization.training.sales import NOBODY, Sales

RETAIL = Path(__file__).parents[4] / "shared" / "data" / "online_retail"


def sales(*lines: tuple[str, int, int, float]) -> Sales:
    """Lines of item, basket, customer (NOBODY for none), day."""
    items = sorted({item for item, *_ in lines})
    return Sales(
        items, list(range(10)), 1 + max(basket for _, basket, _, _ in lines),
        np.array([items.index(item) for item, *_ in lines], np.int32),
        np.array([basket for _, basket, _, _ in lines], np.int32),
        np.array([customer for _, _, customer, _ in lines], np.int32),
        np.array([day for *_, day in lines], np.float64),
    )  # fmt: skip


def test_what_was_last_bought_long_ago_counts_less():
    matrix = sales(("a", 0, 0, 0.0), ("b", 1, 0, 60.0), ("a", 2, 1, 60.0), ("b", 3, NOBODY, 60.0)).by_customer(
        now=60.0, fade_days=60.0
    )
    assert np.allclose(matrix.toarray()[:2], [[np.exp(-1.0), 1.0], [1.0, 0.0]])


def test_demand_counts_baskets_not_lines():
    counted = sales(("a", 0, 0, 1.0), ("a", 0, 0, 1.0), ("b", 1, 0, 1.0), ("b", 2, 0, 0.0)).demand(1.0)
    assert counted.tolist() == [1.0, 1.0]


def test_a_local_ridge_over_all_items_is_the_ridge_over_all_items():
    lot = np.random.default_rng(1)
    matrix = sp.csr_matrix((lot.random((60, 8)) < 0.4).astype(np.float32))
    together = neighbours.meetings(matrix)
    found = neighbours.local_ridge(together, neighbours.nearest(together, 7), 5.0).toarray()
    full = together.toarray().astype(float)
    for target in range(8):
        others = [item for item in range(8) if item != target]
        expected = np.linalg.solve(full[np.ix_(others, others)] + 5.0 * np.eye(7), full[others, target])
        assert np.allclose(found[others, target], expected, atol=1e-4)
        assert found[target, target] == 0.0


def test_a_walk_goes_where_baskets_lead():
    matrix = sales(("a", 0, 0, 0), ("b", 0, 0, 0), ("a", 1, 0, 0), ("c", 1, 0, 0), ("b", 1, 0, 0)).by_basket()
    chance = neighbours.walk(matrix, beta=0.0, count=5).toarray()
    assert np.allclose(chance[0], [0.0, 5 / 12, 1 / 6])
    assert neighbours.walk(matrix, beta=0.0, count=1).getnnz(axis=1).tolist() == [1, 1, 1]


def test_pairs_that_met_too_seldom_are_dropped():
    matrix = sales(("a", 0, 0, 0), ("b", 0, 0, 0), ("a", 1, 0, 0), ("b", 1, 0, 0), ("c", 1, 0, 0)).by_basket()
    weights = neighbours.walk(matrix, beta=0.0, count=5)
    kept = neighbours.where_met(weights, neighbours.meetings(matrix), 2)
    assert (kept.toarray() > 0).tolist() == [[False, True, False], [True, False, False], [False, False, False]]


def test_the_measures_are_those_of_the_textbook():
    given = sp.csr_matrix(np.array([[1.0, 0, 0, 0]], np.float32))
    weights = sp.csr_matrix(np.array([[0, 0.5, 0.9, 0.1]] + [[0] * 4] * 3, np.float32))
    measured = quality(Queries(given, given, [{1}]), weights, np.zeros(4, np.float32))
    assert (round(measured.ndcg, 4), measured.hit) == (0.6309, 1.0)


def test_alike_is_what_shares_rare_words():
    near = content.alike(["red wool blanket", "blue wool blanket", "steel pan", "copper pan", "!!"]).toarray()
    assert near[0].argmax() == 1
    assert near[2].argmax() == 3
    assert near[4].sum() == 0.0
    assert content.alike(["!!", "?"]).nnz == 0
    only_new = content.alike(["red wool blanket", "blue wool blanket", "steel pan", "copper pan"], [3]).toarray()
    assert (only_new > 0).nonzero()[1].tolist() == [3]


@pytest.mark.parametrize("lines", [[("a", 0, NOBODY, 1.0)], [("a", 0, 0, 1.0), ("b", 0, 0, 1.0)]])
def test_a_handful_of_sales_is_learned_from_without_a_choice(lines):
    learned = learn(sales(*lines), now=2.0)
    assert {table: found.quality for table, found in learned.items()} == {
        Table.NEXT: None, Table.BASKET: None, Table.BOUGHT_WITH: None,
    }  # fmt: skip
    assert learned[Table.BOUGHT_WITH].weights.nnz == len(lines) * (len(lines) - 1)


def test_learning_again_from_the_same_gives_the_same():
    lot = np.random.default_rng(3)
    lines = [(f"i{int(lot.zipf(1.4)) % 30:02}", n // 3, n // 9 % 10, float(n) / 10) for n in range(900)]
    first, second = (learn(sales(*lines), now=91.0) for _ in range(2))
    for table in first:
        assert first[table].recipe == second[table].recipe
        assert (first[table].weights != second[table].weights).nnz == 0


CSV = "invoice,time,customer,country,stock_code\n"


def test_what_cannot_be_replayed_is_said_with_its_line(tmp_path):
    file, queries, out = tmp_path / "sales.csv", tmp_path / "queries.jsonl", tmp_path / "run.jsonl"
    queries.write_text('{"query_id": "q"}\n')
    file.write_text("invoice,time\n")
    with pytest.raises(ReplayError, match="has no column 'customer'"):
        read_sales(file, before=1.0)
    file.write_text(CSV + "1,yesterday,,UK,A\n")
    with pytest.raises(ReplayError, match="line 2: 'yesterday' is no time"):
        read_sales(file, before=1.0)
    file.write_text(CSV + "1,2011-01-01 08:00,7,UK,A\n")
    with pytest.raises(ReplayError, match="line 1: no query with 'query_id' and 'given'"):
        replay(file, until=date(2011, 8, 1), task="seed", queries=queries, out=out)
    with pytest.raises(ReplayError, match="cannot be read"):
        replay(tmp_path / "none", until=date(2011, 8, 1), task="customers", queries=queries, out=out)


def test_a_replay_learns_from_nothing_after_its_day(tmp_path):
    file, queries = tmp_path / "sales.csv", tmp_path / "queries.jsonl"
    before = "".join(
        f"{n},2011-0{1 + n % 6}-10 08:00,{n % 7},UK,{item}\n" for n in range(60) for item in ("A", "B", "C"[: n % 2])
        if item
    )  # fmt: skip
    after = "".join(f"{900 + n},2011-08-01 00:00,{n % 7},UK,{item}\n" for n in range(60) for item in ("A", "Z"))
    queries.write_text('{"query_id": "q", "given": ["A"]}\n{"query_id": "r", "given": ["unknown"]}\n')
    answers = []
    for text in (before, before + after):
        file.write_text(CSV + text)
        out = tmp_path / "run.jsonl"
        replay(file, until=date(2011, 8, 1), task="seed", queries=queries, out=out)
        answers.append(out.read_text())
    assert answers[0] == answers[1]
    first = [json.loads(line)["products"] for line in answers[0].splitlines()]
    assert first[0] == ["B", "C"]
    assert "Z" not in first[1]


def replaying(folder: Path, queries: str) -> tuple[list[str | Path], Path]:
    """Return the command that learns from twenty sales of two things and answers the queries, and where to."""
    sales, asked, out = folder / "sales.csv", folder / "queries.jsonl", folder / "run.jsonl"
    sales.write_text(CSV + "".join(f"{n},2011-01-{1 + n:02} 08:00,{n},UK,{item}\n" for n in range(20) for item in "AB"))
    asked.write_text(queries)
    command = [sys.executable, "-m", "feria_core.cli", "recommend", "replay", "--sales", sales, "--until", "2011-08-01",
               "--task", "customers", "--queries", asked, "--out", out]  # fmt: skip
    return command, out


def test_the_replay_command_needs_no_database(tmp_path, plugins_file):
    command, out = replaying(tmp_path, '{"query_id": "3"}\n{"query_id": "unknown"}\n')
    environment = {"PATH": "", "FERIA_PLUGINS": str(plugins_file)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in out.read_text().splitlines()] == [
        {"query_id": "3", "products": []}, {"query_id": "unknown", "products": ["A", "B"]},
    ]  # fmt: skip


def test_a_training_shows_a_bar_where_somebody_looks(tmp_path, plugins_file):
    command, _ = replaying(tmp_path, '{"query_id": "3"}\n')
    environment = {"PATH": "", "FERIA_PLUGINS": str(plugins_file), "COLUMNS": "120", "TERM": "xterm"}
    screen, terminal = pty.openpty()
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=terminal, stderr=terminal)
    os.close(terminal)
    shown = b""
    # Linux answers EIO where the other side of a terminal has been closed.
    with contextlib.suppress(OSError):
        while part := os.read(screen, 4096):
            shown += part
    os.close(screen)
    assert process.wait() == 0, shown
    shares = [int(share) for share in re.findall(rb"\[[#-]+\] +(\d+)%", shown)]
    assert shares == sorted(shares)
    assert shares[-1] == 100
    assert b"training: measuring" in shown


@pytest.mark.soak
@pytest.mark.parametrize(("task", "least"), [("customers", 0.138), ("basket", 0.235), ("seed", 0.232)])
def test_real_sales_are_foretold_better_than_by_any_plain_method(tmp_path, task, least):
    if not RETAIL.is_dir():
        pytest.skip(f"the data set is not at {RETAIL}")
    name = {"customers": "customers_truth.jsonl", "basket": "basket_given.jsonl.gz", "seed": "seed_given.jsonl.gz"}[
        task
    ]
    run = tmp_path / "run.jsonl"
    replay(RETAIL / "sales_train.csv.gz", until=date(2011, 8, 1), task=task, queries=RETAIL / f"dev_{name}", out=run)
    command = [sys.executable, RETAIL / "evaluate.py", "--task", f"dev_{task}", "--run", run]
    scored = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert float(dict(line.split() for line in scored.splitlines())["ndcg@10"]) >= least
