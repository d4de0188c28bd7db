"""The catalog's sections of the staff's pages: what people search for, and words that mean the same."""

from __future__ import annotations

from feria_core.contracts.admin import Act, AdminSection, Column

_SYNONYM = "/api/admin/synonyms/{id}"

SYNONYMS = AdminSection(
    name="synonyms",
    title={"en": "Synonyms", "es": "Sinónimos"},
    list_path="/api/admin/synonyms",
    columns=(
        Column("term", {"en": "Who searches for", "es": "Quien busca"}),
        Column("synonyms", {"en": "also finds", "es": "también encuentra"}, "json"),
        Column("two_way", {"en": "Both ways", "es": "En ambos sentidos"}, "flag"),
        Column("updated_at", {"en": "Changed", "es": "Modificado"}, "moment"),
    ),
    empty={
        "en": "There are no synonyms yet. Searches without hits propose some.",
        "es": "Todavía no hay sinónimos. Las búsquedas sin resultados proponen algunos.",
    },
    search="q",
    create=Act("create", {"en": "Create", "es": "Crear"}, "POST", "/api/admin/synonyms"),
    edit=Act("edit", {"en": "Edit", "es": "Editar"}, "PATCH", _SYNONYM),
    acts=(
        Act(
            "delete",
            {"en": "Delete", "es": "Eliminar"},
            "DELETE",
            _SYNONYM,
            confirm={"en": "Delete this synonym?", "es": "¿Eliminar este sinónimo?"},
        ),
    ),
    group="catalog",
)

SEARCHES = AdminSection(
    name="searches",
    title={"en": "Searches", "es": "Búsquedas"},
    list_path="/api/admin/searches",
    columns=(
        Column("sample", {"en": "Searched for", "es": "Se buscó"}),
        Column("searches", {"en": "How often", "es": "Veces"}, "number"),
        Column("hits", {"en": "Hits", "es": "Resultados"}, "number"),
        Column("last_day", {"en": "Last", "es": "Última"}),
        Column("proposals", {"en": "Words near to it", "es": "Palabras parecidas"}, "json"),
    ),
    empty={"en": "Nobody has searched yet.", "es": "Nadie ha buscado todavía."},
    key="query",
    filters=("without_hits", "days"),
    group="catalog",
)
