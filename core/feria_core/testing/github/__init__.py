"""GitHub's API, as far as a company's site reads it: repositories, public members, the search of issues.

Written from its public documentation. It pages, knows ETags, counts rate limits, and misbehaves on request.
"""

from feria_core.testing.github.app import build_app, fake_github, serving
from feria_core.testing.github.behaviour import Do, Rule
from feria_core.testing.github.service import Call, FakeGitHub

__all__ = ["Call", "Do", "FakeGitHub", "Rule", "build_app", "fake_github", "serving"]
