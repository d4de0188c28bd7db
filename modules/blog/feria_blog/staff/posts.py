"""Posts for staff: written, edited, published, taken back, restored, deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from feria_blog.admin_schemas import PostBody, PostContent, PostPatch
from feria_blog.domain import State, StateRefused, Status, next_state
from feria_blog.reading.cards import TAG
from feria_blog.writing import mentions, pictures, references, revisions, rows, save, slugs
from feria_blog.writing.lock import one_writer
from feria_blog.writing.rows import Stored
from feria_core import audit, cache, clock, db
from feria_core.auth import maybe_principal
from feria_core.errors import Invalid, StaleVersion
from feria_core.ids import new_id

# So often an edit that names no version begins again where somebody else was faster.
ATTEMPTS = 5
# What the audit log tells by its length: the text itself stands in the revisions.
LONG = ("body", "translations")


async def create(body: PostBody) -> Stored:
    """Write a post. Raises Invalid, SlugTaken."""
    content = PostContent.model_validate(body.model_dump(exclude={"slug", "status", "publish_at"}))
    principal = maybe_principal()
    if content.author is None and principal is not None:
        content = content.model_copy(update={"author": await references.own_author(principal.id)})
    state = _state(None, body.status, body.publish_at)
    prepared = await save.prepare(content)
    post_id = new_id()
    async with db.transaction():
        await one_writer()
        slug = body.slug or await slugs.free_slug(body.title)
        await save.write(
            post_id, prepared, slug=slug, status=state.status, publish_at=state.publish_at, version=None
        )  # fmt: skip
        made = await rows.find(str(post_id))
        await revisions.add(post_id, made.content, "created")
        await audit.record("blog.post.created", "post", post_id, after=audited(made))
        return made


async def edit(key: str, patch: PostPatch) -> Stored:
    """Change what `patch` names. Raises PostUnknown, StaleVersion, Invalid, SlugTaken."""
    given = patch.model_dump(exclude_unset=True, exclude={"version", "slug", "status", "publish_at"})

    def changed(before: Stored) -> PostContent:
        return PostContent.model_validate({**before.content.model_dump(), **given})

    def state(before: Stored) -> State:
        if "publish_at" in patch.model_fields_set and patch.publish_at is None:
            return _without_time(before, patch.status)
        return _state(before, patch.status, patch.publish_at)

    return await change(key, "blog.post.edited", content=changed, state=state, slug=patch.slug, version=patch.version)


async def publish(key: str, *, at: datetime | None, version: int | None) -> Stored:
    """Let the post appear now or at a time; one that is published already stays as it is without a time.

    Raises PostUnknown, StaleVersion.
    """

    def state(before: Stored) -> State:
        return State(Status.PUBLISHED, at) if at else _state(before, Status.PUBLISHED, None)

    return await change(key, "blog.post.published", state=state, version=version)


async def unpublish(key: str, *, version: int | None) -> Stored:
    """Make the post a draft again. Raises PostUnknown, StaleVersion."""
    return await change(
        key, "blog.post.unpublished", state=lambda before: State(Status.DRAFT, before.publish_at), version=version
    )


async def change(
    key: str,
    action: str,
    *,
    content: Callable[[Stored], PostContent] | None = None,
    state: Callable[[Stored], State] | None = None,
    slug: str | None = None,
    version: int | None = None,
    reason: str = "edited",
) -> Stored:
    """Change a post: its content, its state, its slug; a content that differs becomes a revision.

    Texts are rendered before the transaction, so the post may have changed meanwhile: then it begins again, unless
    the caller has named the version. Raises PostUnknown, StaleVersion, Invalid, SlugTaken.
    """
    for _ in range(ATTEMPTS):
        before = await rows.find(key)
        if version is not None and version != before.version:
            raise _stale(version, before.version)
        wanted = content(before) if content else before.content
        new = state(before) if state else State(before.row["status"], before.publish_at)
        prepared = await save.prepare(wanted)
        async with db.transaction():
            await one_writer()
            is_written = await save.write(
                before.id, prepared, slug=slug or before.slug, status=new.status, publish_at=new.publish_at,
                version=before.version,
            )  # fmt: skip
            if is_written:
                after = await rows.find(str(before.id))
                if after.content != before.content:
                    await revisions.add(before.id, after.content, reason)
                old, now = audited(before), audited(after)
                names = [name for name in now if old[name] != now[name]]
                await audit.record(
                    action, "post", before.id,
                    before={name: old[name] for name in names}, after={name: now[name] for name in names},
                )  # fmt: skip
                return after
    raise StaleVersion("Others are editing this post right now: read it again and repeat the change.")


async def delete(key: str, *, version: int | None = None) -> None:
    """Delete a post for good, with its revisions; archive one that shall only be hidden. Raises PostUnknown."""
    async with db.transaction():
        await one_writer()
        before = await rows.find(key)
        if version is not None and version != before.version:
            raise _stale(version, before.version)
        await mentions.touched_by(before.id)
        await pictures.release(before.id)
        await db.execute("DELETE FROM blog_post WHERE id = $1", before.id)
        await audit.record("blog.post.deleted", "post", before.id, before=audited(before))
        cache.touch(TAG)


def audited(stored: Stored) -> dict[str, Any]:
    """Return what the audit log tells of a post."""
    told: dict[str, Any] = {
        "slug": stored.slug, "status": stored.row["status"], "publish_at": stored.publish_at, "version": stored.version,
    }  # fmt: skip
    content: Mapping[str, Any] = rows.plain(stored.content)
    told |= {name: value for name, value in content.items() if name not in LONG}
    told["body_characters"] = len(stored.content.body)
    told["translations"] = sorted(stored.content.translations)
    return told


def _state(before: Stored | None, status: str | None, publish_at: datetime | None) -> State:
    earlier = State(before.row["status"], before.publish_at) if before else None
    try:
        return next_state(earlier, status, publish_at, clock.now())
    except StateRefused as error:
        raise Invalid.field("body", "publish_at", code="publish_at_needed", message=str(error)) from error


def _without_time(before: Stored, status: str | None) -> State:
    stored = status or before.row["status"]
    if stored in (Status.PUBLISHED, Status.SCHEDULED):
        message = "a published post has a time: unpublish it to take the time away"
        raise Invalid.field("body", "publish_at", code="publish_at_needed", message=message)
    return State(stored, None)


def _stale(given: int, stored: int) -> StaleVersion:
    return StaleVersion(
        f"Version {given} was edited, {stored} is stored: read it again and repeat the change.",
        members={"version": stored},
    )
