"""The models page: the catalogue as a table."""

import streamlit as st

from orchat.openrouter import Model
from orchat.openrouter.models import MILLION
from orchat.turn import describe
from orchat.ui import choices, error_card, resources
from orchat.ui.wording import plain

FIRST_CATALOGUE_WITHIN = 3.0
COLUMNS = {
    "Model": st.column_config.TextColumn(width="medium"),
    "Context": st.column_config.NumberColumn(help="Tokens that fit in a conversation", format="localized"),
    "Prompt": st.column_config.NumberColumn(help="US dollars per million tokens", format="$ %.2f"),
    "Completion": st.column_config.NumberColumn(help="US dollars per million tokens", format="$ %.2f"),
    "ZDR": st.column_config.CheckboxColumn(help="At least one provider keeps no data"),
    "Tools": st.column_config.CheckboxColumn(help="Can call tools"),
}


def draw() -> None:
    """Draw the page."""
    st.set_page_config(layout="wide")
    cache = resources.connection().catalogue
    catalogue = cache.current(wait=FIRST_CATALOGUE_WITHIN)
    st.title("Models")
    if cache.problem is not None:
        error_card.draw(describe(cache.problem), key="catalogue")
    if not len(catalogue):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input("Search", key="models-search", placeholder="Name or maker")
        only_zdr = st.toggle("🛡️ ZDR only", key="models-zdr")
    shown = [model for model in catalogue.offered(zdr=only_zdr) if _matches(model, wanted)]
    st.caption(f"{len(shown)} of {len(catalogue)} models. Prices: US dollars per million tokens. Select one to use it.")
    rows = [_row(model, zdr=catalogue.supports_zdr(model)) for model in shown]
    chosen = st.dataframe(
        rows,
        column_config=COLUMNS,
        hide_index=True,
        placeholder="varies",
        height=560,
        on_select="rerun",
        selection_mode="single-row",
        key="models-table",
        alt="The models on offer with context length, prices, zero data retention and tools",
    )
    if chosen.selection.rows and chosen.selection.rows[0] < len(shown):
        _details(shown[chosen.selection.rows[0]])


def _matches(model: Model, wanted: str) -> bool:
    text = f"{model.name} {model.id}".lower()
    return all(word in text for word in wanted.lower().split())


def _row(model: Model, *, zdr: bool) -> dict[str, object]:
    return {
        "Model": model.short_name,
        "Maker": model.maker,
        "Context": model.context_length,
        "Prompt": float(model.prompt_price * MILLION) if model.prompt_price is not None else None,
        "Completion": float(model.completion_price * MILLION) if model.completion_price is not None else None,
        "ZDR": zdr,
        "Tools": model.supports("tools"),
        "Id": model.id,
    }


def _details(model: Model) -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(model.name)}** {plain(model.id)}")
        st.text(model.description)
        if st.button("Chat with this model", type="primary", key="use-model"):
            choices.choose(model)
            st.switch_page("streamlit_app.py")
