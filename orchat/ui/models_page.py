"""The models page: the catalogue as a table or a plot, with filters; a model that is selected opens in a dialog."""

from collections.abc import Sequence

import streamlit as st

from orchat.openrouter import Catalogue, Model
from orchat.openrouter.models import MILLION
from orchat.turn import describe
from orchat.ui import error_card, favourites, model_dialog, model_filters, model_plot, resources, session, spreadsheet

FIRST_CATALOGUE_WITHIN = 3.0
COLUMNS = {
    "Model": st.column_config.TextColumn(width="medium"),
    "Context": st.column_config.NumberColumn(help="Tokens that fit in a conversation", format="localized"),
    "In": st.column_config.NumberColumn(help="US dollars per million tokens in", format="$ %.2f"),
    "Out": st.column_config.NumberColumn(help="US dollars per million tokens out", format="$ %.2f"),
    "ZDR": st.column_config.CheckboxColumn(help="At least one provider keeps no data"),
    "Tools": st.column_config.CheckboxColumn(help="Can call tools"),
    "Reasoning": st.column_config.CheckboxColumn(help="Can think before it answers"),
}


def draw() -> None:
    """Draw the page."""
    st.set_page_config(layout="wide")
    cache, rules = resources.connection().catalogue, resources.services().live.rules()
    catalogue = cache.current(wait=FIRST_CATALOGUE_WITHIN)
    st.title("Models")
    if cache.problem is not None:
        error_card.draw(describe(cache.problem), key="catalogue")
    if not len(catalogue):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        wanted = model_filters.draw(catalogue)
        view = st.segmented_control(
            "View", ["Table", "Plot"], default="Table", key="models-view", label_visibility="collapsed"
        )
    shown = model_filters.found(catalogue, wanted, rules)
    st.caption(_said(len(shown), len(catalogue), wanted.behind_the_button, forbidden=rules.limit_models))
    if not shown:
        st.info("No model fits all of these filters. Take one off.")
    elif view == "Plot":
        if (selected := model_plot.draw(shown, catalogue)) and selected != session.current().model_plotted:
            model_dialog.show(selected)
        session.current().model_plotted = selected
    else:
        _table(shown, catalogue)
    model_dialog.draw_if_open(catalogue)


def _said(shown: int, there_are: int, hidden_filters: int, *, forbidden: bool) -> str:
    filters = f" {hidden_filters} more filter{'s' * (hidden_filters != 1)} set." if hidden_filters else ""
    ruled = " What whoever runs this orchat forbids is left out." if forbidden else ""
    return f"{shown} of {there_are} models.{filters} US dollars per million tokens. Select one to see more.{ruled}"


def _table(shown: Sequence[Model], catalogue: Catalogue) -> None:
    marked = favourites.of_this_person()
    # A new table after each dialog: nothing is selected in it, and the same model can be selected again.
    key = f"models-table-{session.current().models_looked_at}"
    with st.container(key="models-table"):
        st.dataframe(
            spreadsheet.rows(_row(model, marked, zdr=catalogue.supports_zdr(model)) for model in shown),
            column_config=COLUMNS,
            hide_index=True,
            placeholder="varies",
            height=560,
            on_select=lambda: _selected(key, [model.id for model in shown]),
            selection_mode="single-row",
            key=key,
            alt="The models on offer with context length, prices, zero data retention, tools and reasoning",
        )


def _selected(key: str, ids: Sequence[str]) -> None:
    rows = session.widget_value(key)["selection"]["rows"]
    model_dialog.show(ids[rows[0]] if rows and rows[0] < len(ids) else None)


def _row(model: Model, marked: Sequence[str], *, zdr: bool) -> dict[str, object]:
    return {
        "Model": f"{favourites.STAR} {model.short_name}" if model.id in marked else model.short_name,
        "In": float(model.prompt_price * MILLION) if model.prompt_price is not None else None,
        "Out": float(model.completion_price * MILLION) if model.completion_price is not None else None,
        "Context": model.context_length,
        "Maker": model.maker,
        "ZDR": zdr,
        "Tools": model.supports("tools"),
        "Reasoning": model.thinks,
        "Id": model.id,
    }
