"""What the blog refuses, and why."""

from __future__ import annotations

from feria_core.errors import Conflict, Invalid, NotFound


def shown(text: str) -> str:
    """Return what of a client's text may stand in a sentence."""
    return text if text.isprintable() and len(text) <= 120 else "?"  # noqa: PLR2004 - the longest slug


class PostUnknown(NotFound):
    """There is no such post, or none that the caller may see."""

    def __init__(self, key: str) -> None:
        super().__init__(f"There is no post '{shown(key)}': GET /api/blog/posts lists them.")


class CategoryUnknown(NotFound):
    """There is no such category of posts."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is no category '{shown(slug)}': GET /api/blog/categories lists them.")


class TagUnknown(NotFound):
    """There is no such tag."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is no tag '{shown(slug)}': GET /api/blog/tags lists them.")


class AuthorUnknown(NotFound):
    """There is no such author."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is no author '{shown(slug)}': GET /api/blog/authors lists them.")


class RevisionUnknown(NotFound):
    """The post has no such revision, or not any more."""

    def __init__(self, number: int | str) -> None:
        super().__init__(f"The post has no revision {shown(str(number))}: GET its revisions to see them.")


class TranslationUnknown(NotFound):
    """The post is not translated into this language."""

    def __init__(self, locale: str) -> None:
        super().__init__(f"The post has no translation '{shown(locale)}': PUT one to add it.")


class PreviewUnknown(NotFound):
    """The preview link was never given out, has expired, or was withdrawn."""

    code, title = "preview_expired", "The preview has ended"

    def __init__(self) -> None:
        super().__init__("This preview link does not work, or no longer: ask for a new one.")


class SlugTaken(Conflict):
    """Another thing has the slug now."""

    code, title = "slug_taken", "The slug is taken"

    def __init__(self, slug: str) -> None:
        super().__init__(f"'{shown(slug)}' is taken: choose another slug.")


class NameTaken(Conflict):
    """There is a thing of this name in this place already."""

    code, title = "name_taken", "The name is taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a '{shown(name)}' in that place already: use it, or choose another name.")


class CategoryCycle(Conflict):
    """A category would stand below itself."""

    code, title = "category_cycle", "A category cannot stand below itself"

    def __init__(self, name: str, parent: str) -> None:
        super().__init__(f"'{shown(parent)}' stands below '{shown(name)}': choose another parent.")


class CategoryTooDeep(Conflict):
    """The tree would be deeper than it may be."""

    code, title = "category_too_deep", "The tree of categories is too deep"

    def __init__(self, depth: int, most: int) -> None:
        super().__init__(f"The tree would be {depth} levels deep, {most} are the most: choose a parent higher up.")


class InUse(Conflict):
    """What was to be deleted is still used."""

    code, title = "in_use", "Still in use"

    def __init__(self, what: str, count: int, by: str) -> None:
        super().__init__(f"{what} is used by {count} {by}: move them first.", members={"count": count})


class PictureMissing(Invalid):
    """A text shows a picture of this site that is not stored any more."""

    def __init__(self, path: str) -> None:
        problem = {"loc": ["body"], "code": "picture_missing", "message": f"{path} is not stored: upload it again"}
        super().__init__(f"The picture {path} is not stored (any more): upload it again.", [problem])
