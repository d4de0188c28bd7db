"""The staff's page of models: their metrics over time, training, going back."""

from __future__ import annotations

from feria_core.contracts.admin import Act, AdminReport, AdminSection, Column

MODELS = AdminSection(
    name="recommendations",
    title={"en": "Recommendations", "es": "Recomendaciones"},
    list_path="/api/admin/recommendations/models",
    columns=(
        Column("version", {"en": "Model", "es": "Modelo"}, "number"),
        Column("state", {"en": "State", "es": "Estado"}, "status"),
        Column("trained_at", {"en": "Trained", "es": "Entrenado"}, "moment"),
        Column("seconds", {"en": "Seconds", "es": "Segundos"}, "number"),
        Column("learned_from.sales", {"en": "Sales learned from", "es": "Ventas aprendidas"}, "number"),
        Column("metrics.next.ndcg_at_10", {"en": "For a person", "es": "Para una persona"}, "number"),
        Column("metrics.basket.ndcg_at_10", {"en": "For a cart", "es": "Para un carrito"}, "number"),
        Column("metrics.bought_with.ndcg_at_10", {"en": "Bought with", "es": "Comprados con"}, "number"),
    ),
    details=(
        Column("version", {"en": "Model", "es": "Modelo"}, "number"),
        Column("state", {"en": "State", "es": "Estado"}, "status"),
        Column("trained_at", {"en": "Trained", "es": "Entrenado"}, "moment"),
        Column("seconds", {"en": "Seconds", "es": "Segundos"}, "number"),
        Column("learned_from", {"en": "Learned from", "es": "Aprendido de"}, "json"),
        Column("metrics", {"en": "Metrics", "es": "Métricas"}, "json"),
    ),
    heading="version",
    empty={
        "en": "No model was trained yet: train one once something was sold or looked at.",
        "es": "Aún no se ha entrenado ningún modelo: entrena uno cuando haya ventas o visitas.",
    },
    key="version",
    acts=(
        Act("train", {"en": "Train now", "es": "Entrenar ahora"}, "POST", "/api/admin/recommendations/train"),
        Act(
            "rollback", {"en": "Go back to the model before", "es": "Volver al modelo anterior"}, "POST",
            "/api/admin/recommendations/rollback",
            confirm={
                "en": "The model before the present one goes into service.",
                "es": "El modelo anterior al actual entra en servicio.",
            },
        ),
    ),
    group="marketing",
)  # fmt: skip

REPORT = AdminReport(
    name="recommendation-report",
    title={"en": "What they bring", "es": "Qué aportan"},
    path="/api/admin/recommendations/report",
    filters=("from", "to"),
    figures=(
        Column("recommended.people", {"en": "People who saw them", "es": "Personas que las vieron"}, "number"),
        Column("recommended.conversion", {"en": "Their conversion", "es": "Su conversión"}, "number"),
        Column("recommended.amount", {"en": "They bought for", "es": "Compraron por"}, "money"),
        Column("held_out.conversion", {"en": "Conversion without them", "es": "Conversión sin ellas"}, "number"),
    ),
    details=(
        Column(
            "places", {"en": "By place", "es": "Por lugar"}, "table",
            (
                Column("place", {"en": "Place", "es": "Lugar"}, "status"),
                Column("answers", {"en": "Shown", "es": "Mostradas"}, "number"),
                Column("clicks", {"en": "Clicks", "es": "Clics"}, "number"),
                Column("purchases", {"en": "Purchases", "es": "Compras"}, "number"),
                Column("amount", {"en": "For", "es": "Por"}, "money"),
            ),
        ),
        Column("conversion_uplift", {"en": "Difference in conversion", "es": "Diferencia de conversión"}, "json"),
        Column("amount_uplift", {"en": "Difference in what is bought", "es": "Diferencia en lo comprado"}, "json"),
    ),
    charts={"places": ("place", "clicks", "purchases")},
    group="marketing",
)  # fmt: skip
