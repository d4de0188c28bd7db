"""`feria recommend`: train a model, go back to the one before, measure on past sales."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click

from feria_core.commands.deployment import Deployment, deployment_options, run_with_runtime
from feria_core.db import Row

STEPS = 1000
LOOKED_AT_EVERY_S = 0.2


@click.group(name="recommend")
def recommend() -> None:
    """Models of recommendations."""


@recommend.command()
@deployment_options
def train(deployment: Deployment) -> int:
    """Train a model from what was sold and looked at, and put it into service."""
    version, seconds = run_with_runtime(deployment, _train)
    click.echo(f"model {version} is in service, trained in {seconds:.1f} s")
    return 0


@recommend.command()
@deployment_options
def rollback(deployment: Deployment) -> int:
    """Put the model before the present one into service."""
    from feria_personalization.service.training import go_back

    version = run_with_runtime(deployment, go_back)
    click.echo(f"model {version} is in service")
    return 0


@recommend.command()
@click.option(
    "--sales", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True,
    help="CSV, gzip or plain, with invoice, time, customer (may be empty) and stock_code.",
)  # fmt: skip
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Learn from sales before this day (UTC) alone."
)
@click.option(
    "--task", type=click.Choice(["customers", "basket", "seed"]), required=True,
    help="What is next for a customer, the rest of a basket, what goes with one item.",
)  # fmt: skip
@click.option(
    "--queries", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True,
    help="JSON Lines with query_id (for customers, theirs) and, for basket and seed, given.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), required=True,
    help="Where to write query_id and ten products for each query.",
)  # fmt: skip
@deployment_options
def replay(deployment: Deployment, *, sales: Path, until: datetime, task: str, queries: Path, out: Path) -> int:
    """Answer queries about past sales by the shipping pipeline, trained on what was known on a day; no database."""
    del deployment
    from feria_personalization.training.replay import ReplayError
    from feria_personalization.training.replay import replay as run

    with click.progressbar(length=STEPS, label="training", show_eta=False) as bar:
        try:
            report = run(
                sales, until=until.replace(tzinfo=UTC).date(), task=task, queries=queries, out=out,
                progress=lambda stage, share: _advance(bar, stage, share),
            )  # fmt: skip
        except ReplayError as error:
            raise click.ClickException(str(error)) from error
        _advance(bar, "done", 1.0)
    click.echo(
        f"{report['answers']} answers from {report['lines']} lines of {report['items']} items: {report['method']}"
    )
    return 0


async def _train() -> tuple[int, float]:
    """Train here rather than in a worker, and show how far it is; a training of a worker's is waited for instead."""
    from feria_personalization.repository import trainings
    from feria_personalization.service import training

    training_id = await training.ask_here()
    running = asyncio.create_task(training.run(training_id))
    with click.progressbar(length=STEPS, label="training", show_eta=False) as bar:
        while not running.done():
            await asyncio.wait([running], timeout=LOOKED_AT_EVERY_S)
            row = await trainings.get(training_id)
            if row is not None:
                _advance(bar, row["stage"], row["progress"])
    return await _outcome(running, training_id)


async def _outcome(running: asyncio.Task[int | None], training_id: UUID) -> tuple[int, float]:
    from feria_personalization.repository import models
    from feria_personalization.service import training

    try:
        version = await running
    except RuntimeError as error:
        await training.fail(training_id, str(error), again=False)
        raise click.ClickException(f"{error}: the model before it stays in service") from error
    newest: Row | None = next((row for row in await models.recent(STEPS) if row["version"] == version), None)
    if version is None or newest is None:
        raise click.ClickException("the training was given up: another one has taken its place")
    return version, float(newest["seconds"])


def _advance(bar: click._termui_impl.ProgressBar[int], stage: str, share: float) -> None:
    """Move the bar to that share; it never goes back."""
    bar.label = f"training: {stage:<24}"
    bar.update(max(0, int(share * STEPS) - bar.pos))
