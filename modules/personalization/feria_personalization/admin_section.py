"""The staff's page of models: their metrics over time, training, going back."""

from __future__ import annotations

from feria_core.contracts.admin import Act, AdminSection, Column

MODELS = AdminSection(
    name="recommendations",
    title={"en": "Recommendations", "es": "Recomendaciones"},
    list_path="/api/admin/recommendations/models",
    columns=(
        Column("version", {"en": "Model", "es": "Modelo"}, "number"),
        Column("state", {"en": "State", "es": "Estado"}, "status"),
        Column("trained_at", {"en": "Trained", "es": "Entrenado"}, "moment"),
        Column("seconds", {"en": "Seconds", "es": "Segundos"}, "number"),
        Column("learned_from", {"en": "Learned from", "es": "Aprendido de"}, "json"),
        Column("metrics", {"en": "Metrics", "es": "Métricas"}, "json"),
    ),
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
