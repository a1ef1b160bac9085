"""The models as a plot: what a token costs, over how much they can read."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from orchat.openrouter import Catalogue, Model
from orchat.openrouter.models import MILLION

MAKERS_NAMED = 7
OTHERS = "Others"


def draw(models: Sequence[Model], catalogue: Catalogue) -> str | None:
    """Draw the plot; returns the id of the model whose point is selected. Free ones have no place on its scale."""
    rows = _rows(models, catalogue)
    if not rows:
        st.info("None of these models has a price that a plot could show.")
        return None
    event: Any = st.vega_lite_chart(
        rows,
        _specification([str(row["Maker"]) for row in rows]),
        key="models-plot",
        width="stretch",
        height=460,
        on_select="rerun",
        selection_mode="point",
        alt="Price of a million tokens out over context length, a point for each model, both on logarithmic scales",
    )
    left_out = len(models) - len(rows)
    if left_out:
        st.caption(f"{left_out} that are free, or whose price or context varies, are in the table only.")
    points = (event.selection if event else {}).get("point") or []
    return str(points[0]["Id"]) if points and "Id" in points[0] else None


def _rows(models: Sequence[Model], catalogue: Catalogue) -> list[dict[str, object]]:
    shown = [model for model in models if model.completion_price and model.context_length]
    makers = [model.maker for model in shown]
    named = sorted(set(makers), key=makers.count, reverse=True)[:MAKERS_NAMED]
    return [
        {
            "Model": model.short_name,
            "Maker": model.maker if model.maker in named else OTHERS,
            "Context": model.context_length,
            "Out": float((model.completion_price or 0) * MILLION),
            "In": float((model.prompt_price or 0) * MILLION),
            "ZDR": "yes" if catalogue.supports_zdr(model) else "no",
            "Id": model.id,
        }
        for model in shown
    ]


def _specification(makers: Sequence[str]) -> dict[str, Any]:
    """Return the plot's description; those that are not named come last, in the palette's quietest colour."""
    order = sorted(set(makers), key=lambda maker: (maker == OTHERS, maker.casefold()))
    encoding = SPECIFICATION["encoding"]
    return {**SPECIFICATION, "encoding": {**encoding, "color": {**encoding["color"], "scale": {"domain": order}}}}


SPECIFICATION: dict[str, Any] = {
    # Points that a screen reader, and a test, can find; for some hundred of them it costs nothing.
    "usermeta": {"embedOptions": {"renderer": "svg"}},
    "mark": {"type": "circle", "size": 90, "opacity": 0.75, "cursor": "pointer"},
    "params": [{"name": "point", "select": {"type": "point", "fields": ["Id"]}}],
    "encoding": {
        "x": {
            "field": "Context",
            "type": "quantitative",
            "scale": {"type": "log", "nice": False, "padding": 16},
            "axis": {
                "title": "Context (tokens)",
                "format": "~s",
                "values": [8_000, 32_000, 128_000, 500_000, 2_000_000, 10_000_000],
            },
        },
        "y": {
            "field": "Out",
            "type": "quantitative",
            "scale": {"type": "log", "nice": False, "padding": 16},
            "axis": {
                "title": "US dollars per million tokens out",
                "format": "$~g",
                "values": [0.01, 0.1, 1, 10, 100, 1000],
            },
        },
        "color": {
            "field": "Maker",
            "type": "nominal",
            "legend": {"orient": "bottom", "columns": 3, "title": None},
        },
        "opacity": {"condition": {"param": "point", "value": 0.85}, "value": 0.2},
        "tooltip": [
            {"field": "Model", "type": "nominal"},
            {"field": "Maker", "type": "nominal"},
            {"field": "Context", "type": "quantitative", "format": ","},
            {"field": "In", "type": "quantitative", "format": "$~g", "title": "In"},
            {"field": "Out", "type": "quantitative", "format": "$~g", "title": "Out"},
            {"field": "ZDR", "type": "nominal"},
        ],
    },
}
