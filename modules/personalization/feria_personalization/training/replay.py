"""Past sales replayed: the shipping pipeline trained on what was known on a day, and asked what came after."""

from __future__ import annotations

import csv
import gzip
import json
from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

import numpy as np
import scipy.sparse as sp

from feria_personalization.domain import Table
from feria_personalization.training import splits
from feria_personalization.training.choosing import Learned, Progress, learn
from feria_personalization.training.measures import top_items
from feria_personalization.training.sales import NOBODY, Sales

TASKS = {"customers": Table.NEXT, "basket": Table.BASKET, "seed": Table.BOUGHT_WITH}
COLUMNS = ("invoice", "time", "customer", "stock_code")
LENGTH = 10
DAY_S = 86_400.0


class ReplayError(Exception):
    """The sales or the queries cannot be read; the sentence names the file, the line and the reason."""


def replay(
    sales_file: Path, *, until: date, task: str, queries: Path, out: Path, progress: Progress | None = None
) -> dict[str, Any]:
    """Write the run file, a line for each query, and return how the model was chosen. Raises ReplayError."""
    now = day_of(datetime(until.year, until.month, until.day, tzinfo=UTC))
    asked = list(_queries(queries, needs_given=task != "customers"))
    sales = read_sales(sales_file, before=now)
    learned = learn(sales, now=now, tables=(TASKS[task],), progress=progress)[TASKS[task]]
    answers = _answers(sales, learned, asked, now)
    with out.open("w", encoding="utf-8") as file:
        for (query_id, _), products in zip(asked, answers, strict=True):
            file.write(json.dumps({"query_id": query_id, "products": products}) + "\n")
    return {
        "task": task,
        "lines": len(sales.item),
        "items": len(sales.items),
        "answers": len(asked),
        **learned.report(),
    }


def read_sales(path: Path, *, before: float) -> Sales:
    """Return the lines of a CSV file (gzip or plain) sold before that day. Raises ReplayError."""
    numbers: dict[str, dict[str, int]] = {"invoice": {}, "customer": {}, "stock_code": {}}
    columns = {name: array("i") for name in numbers}
    days = array("d")
    with _opened(path) as file:
        rows = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise ReplayError(f"{path} has no column '{missing[0]}': it needs {', '.join(COLUMNS)}")
        for number, row in enumerate(rows, 2):
            day = _day(row["time"], path, number)
            if day >= before:
                continue
            days.append(day)
            for name, known in numbers.items():
                value = row[name]
                columns[name].append(known.setdefault(value, len(known)) if value or name != "customer" else NOBODY)
    return Sales(
        items=list(numbers["stock_code"]), customers=list(numbers["customer"]), baskets=len(numbers["invoice"]),
        item=_ints(columns["stock_code"]), basket=_ints(columns["invoice"]), customer=_ints(columns["customer"]),
        day=np.frombuffer(days, np.float64) if days else np.zeros(0),
    )  # fmt: skip


def day_of(moment: datetime) -> float:
    """Return the days from 1970 to the moment, with their fraction."""
    return moment.timestamp() / DAY_S


def _answers(sales: Sales, learned: Learned, asked: Sequence[tuple[str, list[str]]], now: float) -> list[list[str]]:
    """Return ten items for each query."""
    if not sales.items:
        return [[] for _ in asked]
    if learned.weights.shape[0] and any(given for _, given in asked):
        numbers = {code: number for number, code in enumerate(sales.items)}
        known = [[numbers[code] for code in dict.fromkeys(given) if code in numbers] for _, given in asked]
        given = hidden = splits.rows_of(known, len(sales.items))
    else:
        given, hidden = _histories(sales, [query_id for query_id, _ in asked], now)
    # Who is asked about without anything known gets what is in demand.
    demand = learned.demand + np.float32(1e-6) * sales.demand(now - splits.FADE_DAYS)
    shown = top_items(given, hidden, learned.weights, demand.astype(np.float32), LENGTH)
    # Where there are fewer than ten items in all, those that must not be shown come last: they are left out.
    unwanted = [set(hidden.indices[hidden.indptr[row] : hidden.indptr[row + 1]]) for row in range(len(asked))]
    return [
        [str(sales.items[item]) for item in items if item not in own]
        for items, own in zip(shown, unwanted, strict=True)
    ]


def _histories(sales: Sales, customers: Sequence[str], now: float) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Return the customers' rows, empty ones for those who never bought."""
    numbers = {customer: number for number, customer in enumerate(sales.customers)}
    known = [(row, numbers[name]) for row, name in enumerate(customers) if name in numbers]
    given, hidden = splits.histories(sales, [number for _, number in known], now)
    places = ([row for row, _ in known], range(len(known)))
    spread = sp.csr_matrix((np.ones(len(known), np.float32), places), shape=(len(customers), len(known)))
    return (spread @ given).tocsr(), (spread @ hidden).tocsr()


def _queries(path: Path, *, needs_given: bool) -> Iterator[tuple[str, list[str]]]:
    with _opened(path) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                query = json.loads(line)
                yield str(query["query_id"]), [str(code) for code in query["given"]] if needs_given else []
            except (ValueError, KeyError, TypeError) as error:
                wanted = "'query_id' and 'given'" if needs_given else "'query_id'"
                raise ReplayError(f"{path}, line {number}: no query with {wanted}: {error}") from error


def _opened(path: Path) -> IO[str]:
    try:
        with path.open("rb") as file:
            is_packed = file.read(2) == b"\x1f\x8b"
    except OSError as error:
        raise ReplayError(f"{path} cannot be read: {error.strerror}") from error
    return gzip.open(path, "rt", encoding="utf-8", newline="") if is_packed else path.open(encoding="utf-8", newline="")


def _day(text: str, path: Path, number: int) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ReplayError(f"{path}, line {number}: '{text}' is no time: write 2011-07-31 16:05") from error
    return day_of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _ints(numbers: array[int]) -> np.ndarray[Any, np.dtype[np.int32]]:
    return np.frombuffer(numbers, np.int32) if numbers else np.zeros(0, np.int32)
