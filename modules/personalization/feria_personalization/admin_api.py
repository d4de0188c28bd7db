"""What staff call: the model's state and history, trainings, what recommendations are worth."""

from __future__ import annotations

from feria_core.auth import staff
from feria_core.http import ApiBlueprint
from feria_core.limits import Limit
from feria_personalization.schemas_admin import ModelOut, ReportOut, ReportQuery, RolledBack, TrainingAsked
from feria_personalization.service import overview, training

blueprint = ApiBlueprint("personalization_admin", __name__)

READ, TRAIN = staff("recommendations.read"), staff("recommendations.train")
TRAIN_LIMIT = Limit("personalization.train", limit=10, window_s=3600)


@blueprint.endpoint("GET", "/api/admin/recommendations/model", access=READ, returns=ModelOut)
async def get_model() -> ModelOut:
    """The model in service with its offline metrics, the last training's progress, and the models before."""
    return await overview.models_overview()


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
