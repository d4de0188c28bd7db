"""What staff call: the model's state and history, trainings, what recommendations are worth."""

from __future__ import annotations

from feria_core.auth import staff
from feria_core.errors import BadRequest
from feria_core.http import ApiBlueprint, Page, PageQuery, decode_cursor, encode_cursor
from feria_core.limits import Limit
from feria_personalization.schemas_admin import (
    ModelOut,
    ModelVersionOut,
    ReportOut,
    ReportQuery,
    RolledBack,
    TrainingAsked,
)
from feria_personalization.service import overview, training

MAX_VERSION = 2**63 - 1

blueprint = ApiBlueprint("personalization_admin", __name__)

READ, TRAIN = staff("recommendations.read"), staff("recommendations.train")
TRAIN_LIMIT = Limit("personalization.train", limit=10, window_s=3600)


@blueprint.endpoint("GET", "/api/admin/recommendations/model", access=READ, returns=ModelOut)
async def get_model() -> ModelOut:
    """The model in service with its offline metrics, the last training's progress, and the models before."""
    return await overview.models_overview()


@blueprint.endpoint(
    "GET", "/api/admin/recommendations/models", access=READ, query=PageQuery, returns=Page[ModelVersionOut]
)
async def list_models(query: PageQuery) -> Page[ModelVersionOut]:
    """The models that were trained, newest first, with their metrics."""
    found = await overview.model_page(before=_before(query.cursor), limit=query.limit + 1)
    items = found[: query.limit]
    return Page(items=items, next_cursor=encode_cursor(items[-1].version) if len(found) > len(items) else None)


@blueprint.endpoint(
    "POST", "/api/admin/recommendations/train", access=TRAIN, returns=TrainingAsked, status=202, limit=TRAIN_LIMIT
)
async def train() -> TrainingAsked:
    """Have a worker train a new model; it goes into service when it is done."""
    return TrainingAsked(job_id=await training.ask(by_staff=True))


@blueprint.endpoint("POST", "/api/admin/recommendations/rollback", access=TRAIN, returns=RolledBack)
async def roll_back() -> RolledBack:
    """Put the model before the present one into service; 409 `no_earlier_model` where none is kept."""
    return RolledBack(version=await training.go_back())


@blueprint.endpoint("GET", "/api/admin/recommendations/report", access=READ, query=ReportQuery, returns=ReportOut)
async def get_report(query: ReportQuery) -> ReportOut:
    """What recommendations are worth: those who see them against those who are held out, with confidence intervals."""
    return await overview.uplift(query.since, query.until)


def _before(cursor: str | None) -> int | None:
    """Return the version that a cursor names. Raises BadRequest for one that is not ours."""
    parts = decode_cursor(cursor, 1)
    if parts is None:
        return None
    if type(parts[0]) is not int or not 0 <= parts[0] <= MAX_VERSION:
        raise BadRequest("The cursor is not one that this list gave out: leave it away to begin at the start.")
    return parts[0]
