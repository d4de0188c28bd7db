"""Projects and contributions: GitHub's, from the copy that a worker keeps."""

from __future__ import annotations

from feria_core.cache import Cached
from feria_core.http import PUBLIC, ApiBlueprint, staff
from feria_landing.github import reading
from feria_landing.github.refresh import tag
from feria_landing.github.schemas import ContributionQuery, ContributionsOut, FeedsOut, ProjectQuery, ProjectsOut

blueprint = ApiBlueprint("landing_github", __name__)

# A refresh makes the answers stale at once; that the copy grows old bounds them by `cache.until`.
PROJECTS = Cached(tags=(tag("projects"),), max_age_s=300)
CONTRIBUTIONS = Cached(tags=(tag("contributions"),), max_age_s=300)


@blueprint.endpoint(
    "GET", "/api/projects", access=PUBLIC, query=ProjectQuery, returns=ProjectsOut, cached=PROJECTS
)  # fmt: skip
async def list_projects(query: ProjectQuery) -> ProjectsOut:
    """Repositories with stars, language and topics; `stale` tells that GitHub could not be read in time."""
    return await reading.projects(query)


@blueprint.endpoint(
    "GET", "/api/contributions", access=PUBLIC, query=ContributionQuery, returns=ContributionsOut, cached=CONTRIBUTIONS
)
async def list_contributions(query: ContributionQuery) -> ContributionsOut:
    """Pull requests and issues of the team, the latest first."""
    return await reading.contributions(query)


@blueprint.endpoint("GET", "/api/admin/github", access=staff("landing.write"), returns=FeedsOut)
async def admin_github() -> FeedsOut:
    """How the copies of GitHub's data stand: their age, the last failure, and when GitHub is asked again."""
    return await reading.feeds()
