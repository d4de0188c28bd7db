"""How learning grows: `recommend_growth SALES UNTIL TIMES` learns from so many times the sales before a day.

The generator makes further copies of the shop's time beside the real one. Each copy has customers and baskets of its
own; three products in ten are its own too, the others are the shop's; one line in ten is left out, and days are moved
by up to three. So ten times the events are ten times the customers and baskets, and nearly four times the products.
Prints one line of JSON: lines, items, seconds, seconds of processor, megabytes at the peak.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

from feria_personalization.training.choosing import learn
from feria_personalization.training.replay import read_sales
from feria_personalization.training.sales import NOBODY, Sales

OWN_SHARE, DROPPED, MOVED_DAYS = 0.3, 0.1, 3.0


def grown(sales: Sales, times: int) -> Sales:
    """Return the sales and `times - 1` copies of them, the same at every call."""
    lot = np.random.default_rng(2011)
    item, basket, customer, day = [sales.item], [sales.basket], [sales.customer], [sales.day]
    items = len(sales.items)
    for copy in range(1, times):
        numbers = np.arange(len(sales.items), dtype=np.int32)
        own = lot.random(len(numbers)) < OWN_SHARE
        numbers[own] = items + np.arange(own.sum(), dtype=np.int32)
        items += int(own.sum())
        kept = lot.random(len(sales.item)) >= DROPPED
        item.append(numbers[sales.item[kept]])
        basket.append(sales.basket[kept] + np.int32(copy * sales.baskets))
        known = sales.customer[kept]
        customer.append(np.where(known == NOBODY, NOBODY, known + copy * len(sales.customers)).astype(np.int32))
        moved = sales.day[kept] + lot.uniform(-MOVED_DAYS, MOVED_DAYS, int(kept.sum()))
        day.append(np.clip(moved, sales.first_day, sales.last_day))
    return Sales(
        range(items), range(times * len(sales.customers)), times * sales.baskets, np.concatenate(item),
        np.concatenate(basket), np.concatenate(customer), np.concatenate(day),
    )  # fmt: skip


def main() -> None:
    """Learn all tables of purchases and print what that took."""
    file, until, times = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    sales = grown(read_sales(file, before=until), times)
    began, worked = time.perf_counter(), time.process_time()
    learn(sales, now=until)
    taken = {
        "lines": len(sales.item), "items": len(sales.items), "seconds": time.perf_counter() - began,
        "processor_s": time.process_time() - worked,
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip
    sys.stdout.write(json.dumps(taken) + "\n")


if __name__ == "__main__":
    main()
