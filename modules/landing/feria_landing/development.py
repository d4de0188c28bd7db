"""Settings while `feria run` fakes the world."""

from __future__ import annotations

from feria_core.module import DevServices


def settings(services: DevServices) -> dict[str, str]:
    """Return the settings by which projects and contributions come from the fake of GitHub."""
    if services.github_url is None:
        return {}
    return {"github_api_url": services.github_url, "github_organisation": "feria-demo"}
