"""`feria promotions simulate`: what a promotion would have cost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import orjson
from pydantic import ValidationError

from feria_core.commands.deployment import Deployment, deployment_options, run_with_runtime
from feria_core.contracts.money import Money
from feria_core.contracts.orders import ORDER_HISTORY, OrderHistory
from feria_core.errors import Invalid
from feria_core.ids import new_id
from feria_core.money import format_money
from feria_core.runtime import core_settings, registry
from feria_promotions.definition import check_currency, draft_of
from feria_promotions.pricing import Promotion
from feria_promotions.schemas import PromotionBody
from feria_promotions.simulation import Outcome, replay


@click.group(name="promotions")
def promotions() -> None:
    """Try promotions out."""


@promotions.command()
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Orders placed from this day (UTC) on."
)  # fmt: skip
@click.argument("file", metavar="PROMOTION.json", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@deployment_options
def simulate(deployment: Deployment, *, since: datetime, file: Path) -> int:
    """Replay placed orders as if the promotion, a body of POST /api/admin/promotions, had held; nothing changes."""
    body = _body(file)
    return run_with_runtime(deployment, lambda: _simulate(body, since.replace(tzinfo=UTC)))


def _body(file: Path) -> PromotionBody:
    try:
        body = PromotionBody.model_validate(orjson.loads(file.read_bytes()))
    except (orjson.JSONDecodeError, ValidationError) as error:
        raise click.ClickException(f"{file} is no promotion: {error}") from error
    if body.conditions.first_order or body.conditions.nth_order is not None:
        raise click.ClickException("a promotion for a first or n-th order cannot be replayed: leave the condition out")
    return body


async def _simulate(body: PromotionBody, since: datetime) -> int:
    history = registry().find(ORDER_HISTORY)
    if history is None:
        raise click.ClickException("there are no orders to replay: enable the module 'orders'")
    currency = core_settings().currency
    try:
        check_currency(body, currency)
    except Invalid as error:
        raise click.ClickException(error.detail) from error
    outcome = await _run(history, draft_of(body, promotion_id=new_id(), currency=currency), since)

    def money(amount: int) -> str:
        return format_money(Money(amount, currency))

    click.echo(f"orders      {outcome.orders:,} of {money(outcome.goods)}")
    click.echo(f"applies to  {outcome.applied:,}")
    click.echo(f"costs       {money(outcome.discount)} off goods, {money(outcome.shipping)} off shipping")
    return 0


async def _run(history: OrderHistory, promotion: Promotion, since: datetime) -> Outcome:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("orders"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    outcome = Outcome()
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=await history.count_placed(since))
        async for part in replay(history, promotion, since):
            outcome.add(part)
            progress.advance(task, part.orders)
    return outcome
