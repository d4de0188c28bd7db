"""GitHub's answers as what is kept of them: no people, no private repositories, no addresses but http ones. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from feria_landing.github.failures import GithubFailure

MAX_INT = 2**31 - 1


class License(msgspec.Struct):
    """A repository's licence."""

    spdx_id: str | None = None


class Repository(msgspec.Struct):
    """What is read of a repository."""

    id: int
    name: str
    full_name: str
    html_url: str
    private: bool = False
    description: str | None = None
    homepage: str | None = None
    stargazers_count: int = 0
    forks_count: int = 0
    open_issues_count: int = 0
    language: str | None = None
    topics: list[str] = []
    license: License | None = None
    fork: bool = False
    archived: bool = False
    pushed_at: datetime | None = None
    created_at: datetime | None = None


class PullRequest(msgspec.Struct):
    """What makes an issue a pull request."""

    merged_at: datetime | None = None


class Label(msgspec.Struct):
    """A label."""

    name: str = ""


class Issue(msgspec.Struct):
    """What is read of an issue or pull request."""

    id: int
    number: int
    title: str
    html_url: str
    repository_url: str
    state: str
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    comments: int = 0
    labels: list[Label] = []
    pull_request: PullRequest | None = None


class Found(msgspec.Struct):
    """A page of the search."""

    items: list[Issue]
    incomplete_results: bool = False


class Member(msgspec.Struct):
    """A public member of an organisation."""

    login: str


def projects(body: bytes) -> list[dict[str, Any]]:
    """Return the public repositories of a page. Raises GithubFailure."""
    return [_project(repository) for repository in _decoded(body, list[Repository]) if not repository.private]


def contributions(body: bytes) -> list[dict[str, Any]]:
    """Return the pull requests and issues of a page. Raises GithubFailure, also where the search was cut short."""
    found: Found = _decoded(body, Found)
    if found.incomplete_results:
        raise GithubFailure("the search was cut short on GitHub's side")
    return [_contribution(issue) for issue in found.items]


def members(body: bytes) -> list[str]:
    """Return the logins of a page. Raises GithubFailure."""
    return [member.login for member in _decoded(body, list[Member])]


def _project(of: Repository) -> dict[str, Any]:
    return {
        "id": of.id,
        "name": _text(of.name),
        "full_name": _text(of.full_name),
        "description": _text(of.description),
        "url": _address(of.html_url) or "",
        "homepage": _address(of.homepage),
        "stars": _count(of.stargazers_count),
        "forks": _count(of.forks_count),
        "open_issues": _count(of.open_issues_count),
        "language": _text(of.language),
        "topics": [_text(topic) for topic in of.topics],
        "license": _text(of.license.spdx_id) if of.license else None,
        "is_fork": of.fork,
        "is_archived": of.archived,
        "pushed_at": of.pushed_at,
        "created_at": of.created_at,
    }


def _contribution(of: Issue) -> dict[str, Any]:
    merged = of.pull_request is not None and of.pull_request.merged_at is not None
    return {
        "id": of.id,
        "type": "issue" if of.pull_request is None else "pull_request",
        "state": "merged" if merged else "closed" if of.state == "closed" else "open",
        "repo": _text(of.repository_url.partition("/repos/")[2]),
        "number": of.number,
        "title": _text(of.title),
        "url": _address(of.html_url) or "",
        "labels": [_text(label.name) for label in of.labels],
        "comments": _count(of.comments),
        "created_at": of.created_at,
        "updated_at": of.updated_at,
        "closed_at": of.closed_at,
    }


def _decoded(body: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise GithubFailure(f"the answer cannot be read: {str(error)[:200]}") from error


def _text(text: str | None) -> Any:
    """Return the text as PostgreSQL can hold it."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:2000] if text is not None else None


def _address(text: str | None) -> str | None:
    """Return an http or https address: whoever owns a repository writes its homepage."""
    cleaned = (_text(text) or "").strip()
    return cleaned if cleaned.startswith(("https://", "http://")) else None


def _count(number: int) -> int:
    return max(0, min(number, MAX_INT))
