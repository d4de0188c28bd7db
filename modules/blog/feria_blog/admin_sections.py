"""The blog's sections of the staff's pages."""

from __future__ import annotations

from feria_core.contracts.admin import Act, AdminSection, Choices, Column, Part, Text

_POSTS, _POST = "/api/admin/blog/posts", "/api/admin/blog/posts/{id}"
_CATEGORIES, _TAGS, _AUTHORS = "/api/admin/blog/categories", "/api/admin/blog/tags", "/api/admin/blog/authors"
_EDIT: Text = {"en": "Edit", "es": "Editar"}
_NAME = Column("name", {"en": "Name", "es": "Nombre"})
_SLUG = Column("slug", {"en": "Address", "es": "Dirección"})
_POST_COUNT = Column("post_count", {"en": "Posts", "es": "Entradas"}, "number")
_TITLE = Column("title", {"en": "Title", "es": "Título"})
_STATUS = Column("status", {"en": "State", "es": "Estado"}, "status")
_CHOICES = {"category": Choices(_CATEGORIES, "slug"), "author": Choices(_AUTHORS, "slug")}
_FIELDS = (
    "title", "body", "format", "excerpt", "category", "author", "tags", "cover", "slug", "locale", "status",
    "publish_at", "seo",
)  # fmt: skip

POSTS = AdminSection(
    name="posts",
    title={"en": "Posts", "es": "Entradas"},
    list_path=_POSTS,
    item_path=_POST,
    columns=(
        _TITLE,
        Column("author.name", {"en": "Author", "es": "Autor"}),
        Column("category.name", {"en": "Category", "es": "Categoría"}),
        _STATUS,
        Column("published_at", {"en": "Published", "es": "Publicada"}, "moment"),
        Column("updated_at", {"en": "Changed", "es": "Modificada"}, "moment"),
    ),
    details=(
        _TITLE,
        _STATUS,
        Column("publish_at", {"en": "Shown from", "es": "Visible desde"}, "moment"),
        Column("author", {"en": "Author", "es": "Autor"}),
        Column("category", {"en": "Category", "es": "Categoría"}),
        Column("tags", {"en": "Tags", "es": "Etiquetas"}, "json"),
        _SLUG,
        Column("locale", {"en": "Language", "es": "Idioma"}),
        Column("word_count", {"en": "Words", "es": "Palabras"}, "number"),
        Column("html", {"en": "As readers see it", "es": "Como la ven los lectores"}, "html"),
    ),
    empty={"en": "No posts yet: write the first.", "es": "Aún no hay entradas: escriba la primera."},
    search="q",
    filters=("status", "category", "tag", "author"),
    create=Act("create", {"en": "New post", "es": "Nueva entrada"}, "POST", _POSTS, fields=_FIELDS, choices=_CHOICES),
    edit=Act("edit", _EDIT, "PATCH", _POST, fields=_FIELDS, choices=_CHOICES),
    acts=(
        Act(
            "publish", {"en": "Publish", "es": "Publicar"}, "POST", f"{_POST}/publish", fields=("publish_at",),
            when=("status", ("draft", "scheduled", "archived")), bulk=True),
        Act(
            "unpublish", {"en": "Take back", "es": "Retirar"}, "POST", f"{_POST}/unpublish",
            when=("status", ("published", "scheduled")), bulk=True),
        Act(
            "preview", {"en": "Link to a preview", "es": "Enlace de vista previa"}, "POST", f"{_POST}/previews",
            tells=True,
        ),
        Act(
            "delete", {"en": "Delete", "es": "Eliminar"}, "DELETE", _POST,
            confirm={"en": "Delete this post?", "es": "¿Eliminar esta entrada?"},
        ),
    ),
    parts=(
        Part(
            name="revisions",
            title={"en": "Revisions", "es": "Versiones"},
            list_path=f"{_POST}/revisions",
            key="number",
            columns=(
                Column("number", {"en": "Number", "es": "Número"}),
                Column("at", {"en": "When", "es": "Cuándo"}, "moment"),
                Column("reason", {"en": "Why", "es": "Por qué"}),
                _TITLE,
            ),
            empty={"en": "It was never changed.", "es": "No se ha modificado nunca."},
            acts=(
                Act(
                    "restore", {"en": "Back to this one", "es": "Volver a esta"}, "POST",
                    f"{_POST}/revisions/{{row.number}}/restore",
                ),
            ),
        ),
    ),
    group="content",
)  # fmt: skip


def _of(name: str, title: Text, new: Text, path: str, *more: Column, empty: Text) -> AdminSection:
    one = f"{path}/{{slug}}"
    return AdminSection(
        name=name,
        title=title,
        list_path=path,
        item_path=one,
        key="slug",
        columns=(_NAME, _SLUG, *more),
        empty=empty,
        create=Act("create", new, "POST", path),
        edit=Act("edit", _EDIT, "PATCH", one),
        acts=(
            Act(
                "delete", {"en": "Delete", "es": "Eliminar"}, "DELETE", one,
                confirm={"en": "Its posts stay, without it.", "es": "Sus entradas se conservan sin ella."},
            ),
        ),
        group="content",
    )  # fmt: skip


CATEGORIES = _of(
    "post-categories", {"en": "Post categories", "es": "Categorías de entradas"},
    {"en": "New category", "es": "Nueva categoría"}, _CATEGORIES,
    Column("parent", {"en": "Under", "es": "Dentro de"}),
    empty={"en": "No categories yet.", "es": "Aún no hay categorías."},
)  # fmt: skip
TAGS = _of(
    "post-tags", {"en": "Tags", "es": "Etiquetas"}, {"en": "New tag", "es": "Nueva etiqueta"}, _TAGS, _POST_COUNT,
    empty={"en": "No tags yet: posts bring their own.", "es": "Aún no hay etiquetas: las entradas traen las suyas."},
)  # fmt: skip
AUTHORS = _of(
    "post-authors", {"en": "Authors", "es": "Autores"}, {"en": "New author", "es": "Nuevo autor"}, _AUTHORS,
    _POST_COUNT,
    empty={"en": "No authors yet.", "es": "Aún no hay autores."},
)  # fmt: skip
SECTIONS = (POSTS, CATEGORIES, TAGS, AUTHORS)
