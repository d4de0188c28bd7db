"""Jobs, for staff who look after them."""

from __future__ import annotations

from feria_admin.schemas_jobs import JobOut, JobQuery, RetriedOut, RetryBody, SummaryOut
from feria_admin.service import jobs
from feria_core.http import ApiBlueprint, Page, staff
from feria_core.ids import parse_id

blueprint = ApiBlueprint("admin_jobs", __name__)
READ, WRITE = staff("jobs.read"), staff("jobs.write")


@blueprint.endpoint("GET", "/api/admin/jobs", access=READ, query=JobQuery, returns=Page[JobOut])
async def admin_list_jobs(query: JobQuery) -> Page[JobOut]:
    """Jobs, the latest first; `state=dead` gives the dead letters with their cause."""
    return await jobs.listed(query)


@blueprint.endpoint("GET", "/api/admin/jobs/summary", access=READ, returns=SummaryOut)
async def admin_job_summary() -> SummaryOut:
    """How queues and schedules stand."""
    return await jobs.summary()


@blueprint.endpoint("POST", "/api/admin/jobs/retry", access=WRITE, body=RetryBody, returns=RetriedOut)
async def admin_retry_jobs(body: RetryBody) -> RetriedOut:
    """Try the dead letters of the filter again, all of them with `{}`."""
    return RetriedOut(retried=await jobs.retry_many(body))


@blueprint.endpoint("POST", "/api/admin/jobs/<job_id>/retry", access=WRITE, returns=JobOut)
async def admin_retry_job(job_id: str) -> JobOut:
    """Try one dead letter again."""
    return await jobs.retry(parse_id(job_id))
