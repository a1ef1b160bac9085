"""The model picker: every model on offer, to be searched by name and maker."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from orchat.openrouter import Catalogue
from orchat.openrouter.cache import CatalogueCache
from orchat.ui import session
from orchat.ui.session import MODEL
from orchat.ui.wording import model_labels, plain

HELP = (
    "Search by name or maker. After the name: US dollars per million tokens (prompt/completion), and context. "
    "🛡️ marks models with zero data retention."
)


def draw(cache: CatalogueCache, *, auto: bool, zdr: bool, parameter: str | None = None) -> str | None:
    """Draw the picker and return the chosen model; None where the auto-router chooses or nothing is on offer.

    Only models that take `parameter` are offered, where one is given: those with tools, on the agent's page.
    """
    # A label of its own: Streamlit fades that of a disabled widget too far to be read. And one place for each part,
    # whatever stands in it: what a run leaves out stays on the page until the run ends.
    st.markdown(":small[Model]", help=HELP)
    picker, changed, note = st.empty(), st.empty(), st.empty()
    catalogue = cache.current()
    offered = [model.id for model in catalogue.offered(zdr=zdr, parameter=parameter)]
    if auto:
        _fixed(picker, "auto")
        return None
    if not offered:
        _fixed(picker, "No models available")
        reason = cache.problem.message if cache.problem else "OpenRouter has not answered yet."
        note.caption(plain(f"{reason} The list is asked for again every half minute."))
        return None
    if told := _keep_valid(offered, catalogue, zdr=zdr, parameter=parameter):
        changed.markdown(f":small[:orange[{told}]]")
    if hidden := len(catalogue) - len(offered):
        missing = " or ".join(["zero data retention"] * zdr + [parameter or ""] * bool(parameter))
        note.caption(f"{hidden} models without {missing} are not offered.")
    return _choice(picker, offered, catalogue)


def _choice(place: DeltaGenerator, offered: list[str], catalogue: Catalogue) -> str | None:
    labels = model_labels(catalogue)
    chosen: str | None = place.selectbox(
        "Model",
        offered,
        key=MODEL,
        format_func=lambda name: labels.get(name, name),
        on_change="ignore",
        persist_state="session",
        label_visibility="collapsed",
    )
    return chosen


def _fixed(place: DeltaGenerator, shown: str) -> None:
    place.selectbox("Model", [shown], disabled=True, key="model-fixed", label_visibility="collapsed")


def _keep_valid(offered: list[str], catalogue: Catalogue, *, zdr: bool, parameter: str | None) -> str | None:
    """Choose another model where the chosen one is not on offer; return what to say about it, as Markdown."""
    chosen = session.widget_value(MODEL)
    if chosen in offered:
        return None
    substitute = next((name for name in offered if not name.startswith("openrouter/")), offered[0])
    session.set_widget(MODEL, value=substitute)
    if not chosen:
        return None
    reason = "is not on offer here"
    if (model := catalogue.find(chosen)) and parameter and not model.supports(parameter):
        reason = f"cannot use {parameter}"
    elif model and zdr:
        reason = "has no provider with zero data retention"
    old, new = plain(catalogue.name_of(chosen)), plain(catalogue.name_of(substitute))
    return f"{old} {reason}: {new} is chosen instead."
