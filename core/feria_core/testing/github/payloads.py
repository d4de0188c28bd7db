"""Small payloads in GitHub's shape, and those that were recorded where a folder of them is given."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

API = "https://api.github.com"
OWNER = "feria-demo"
_REPOSITORIES: tuple[tuple[str, str, str | None, int, list[str]], ...] = (
    ("storefront", "The shop's pages, in one small bundle", "TypeScript", 412, ["shop", "frontend"]),
    ("label-printer", "Shipping labels from the command line", "Python", 96, ["shipping", "cli"]),
    ("till", "A till for markets that works without a network", "Rust", 1280, ["offline", "pos"]),
    ("recipes", "Our bakery's recipes, scaled and costed", "Python", 23, ["bakery"]),
    ("brand", "Logo, colours, typefaces", None, 5, []),
)
_ISSUES = (
    ("till", 71, "Totals in a second currency", "issue", "open"),
    ("till", 70, "Keep the drawer closed after a refund", "pull_request", "merged"),
    ("storefront", 33, "The cart forgets its note", "issue", "closed"),
    ("storefront", 34, "Let the cart keep its note", "pull_request", "merged"),
    ("label-printer", 12, "Print on A6", "pull_request", "open"),
    ("label-printer", 9, "Draw the border in red", "pull_request", "closed"),
)


def repository(name: str, *, owner: str = OWNER, number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a repository with the fields that clients read."""
    full_name = f"{owner}/{name}"
    return {
        "id": 700_000_000 + number,
        "node_id": f"R_fake{number}",
        "name": name,
        "full_name": full_name,
        "private": False,
        "owner": {"login": owner, "id": 1, "type": "Organization", "site_admin": False},
        "html_url": f"https://github.com/{full_name}",
        "description": None,
        "fork": False,
        "url": f"{API}/repos/{full_name}",
        "homepage": None,
        "size": 108,
        "stargazers_count": 0,
        "watchers_count": 0,
        "language": None,
        "forks_count": 0,
        "archived": False,
        "disabled": False,
        "open_issues_count": 0,
        "license": {"key": "apache-2.0", "name": "Apache License 2.0", "spdx_id": "Apache-2.0", "node_id": "L_fake"},
        "topics": [],
        "visibility": "public",
        "default_branch": "main",
        "pushed_at": "2026-10-01T12:00:00Z",
        "created_at": "2024-02-01T09:00:00Z",
        "updated_at": "2026-10-01T12:00:00Z",
        **changes,
    }


def issue(name: str, number: int, title: str, *, owner: str = OWNER, author: str = "ada-demo", **changes: Any) -> Any:
    """Return an issue as the search gives it; with `pull_request` it is one."""
    full_name = f"{owner}/{name}"
    return {
        "url": f"{API}/repos/{full_name}/issues/{number}",
        "repository_url": f"{API}/repos/{full_name}",
        "html_url": f"https://github.com/{full_name}/issues/{number}",
        "id": 900_000_000 + sum(map(ord, name)) * 1000 + number,
        "node_id": f"I_fake{number}",
        "number": number,
        "title": title,
        "user": {"login": author, "id": 2, "type": "User", "site_admin": False},
        "labels": [],
        "state": "open",
        "locked": False,
        "comments": 0,
        "created_at": f"2026-09-{number % 27 + 1:02}T08:00:00Z",
        "updated_at": "2026-10-01T08:00:00Z",
        "closed_at": None,
        "body": None,
        "score": 1.0,
        **changes,
    }


def demo_repositories() -> list[dict[str, Any]]:
    """Return the repositories of a small company."""
    return [
        repository(
            name, number=number, description=text, language=language, stargazers_count=stars, topics=topics,
            forks_count=stars // 9, open_issues_count=stars // 40, pushed_at=f"2026-1{number % 2}-0{number}T10:00:00Z",
        )
        for number, (name, text, language, stars, topics) in enumerate(_REPOSITORIES, start=1)
    ]  # fmt: skip


def demo_issues() -> list[dict[str, Any]]:
    """Return what its people have contributed."""
    found = []
    for name, number, title, kind, state in _ISSUES:
        changes: dict[str, Any] = {"state": "open" if state == "open" else "closed"}
        if state != "open":
            changes["closed_at"] = "2026-10-02T09:00:00Z"
        if kind == "pull_request":
            merged_at = "2026-10-02T09:00:00Z" if state == "merged" else None
            changes["pull_request"] = {"url": f"{API}/repos/{OWNER}/{name}/pulls/{number}", "merged_at": merged_at}
            changes["html_url"] = f"https://github.com/{OWNER}/{name}/pull/{number}"
        found.append(issue(name, number, title, **changes))
    return found


def recorded(folder: Path, *names: str) -> Sequence[Any]:
    """Return the bodies of recorded answers, files of JSON with `body` in them."""
    return [json.loads((folder / name).read_text(encoding="utf-8"))["body"] for name in names]
