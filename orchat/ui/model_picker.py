"""The model picker: every model on offer, to be searched by name and maker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from orchat.ui import favourites, resources, session
from orchat.ui.choice_keys import MODEL
from orchat.ui.wording import model_labels, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchat.openrouter import Catalogue, Model
    from orchat.openrouter.cache import CatalogueCache

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
    catalogue, rules = cache.current(), resources.services().live.rules()
    models = catalogue.offered(zdr=zdr, parameter=parameter, rules=rules)
    offered = favourites.first([model.id for model in models])
    if auto:
        _fixed(picker, "auto")
        return None
    if not offered:
        _fixed(picker, "No models available")
        note.caption(plain(_why_none(cache, catalogue)))
        return None
    if told := _keep_valid(models, catalogue, zdr=zdr, parameter=parameter):
        changed.markdown(f":small[:orange[{told}]]")
    if hidden := len(catalogue) - len(offered):
        missing = " or ".join(["zero data retention"] * zdr + [parameter or ""] * bool(parameter))
        forbidden = ", or that whoever runs this orchat forbids," if rules.limit_models else ""
        without = f" without {missing}{forbidden}" if missing else " that whoever runs this orchat forbids"
        note.caption(f"{hidden} models{without} are not offered.")
    return _choice(picker, offered, catalogue)


def _why_none(cache: CatalogueCache, catalogue: Catalogue) -> str:
    if len(catalogue):
        return "Nothing is left of what whoever runs this orchat allows. Change the switches below, or ask them."
    reason = cache.problem.message if cache.problem else "OpenRouter has not answered yet."
    return f"{reason} The list is asked for again every half minute."


def _choice(place: DeltaGenerator, offered: list[str], catalogue: Catalogue) -> str | None:
    labels = model_labels(catalogue)
    starred = {name: f"{favourites.STAR} {labels[name]}" for name in favourites.of_this_person() if name in labels}
    chosen: str | None = place.selectbox(
        "Model",
        offered,
        key=MODEL,
        format_func=lambda name: starred.get(name) or labels.get(name, name),
        persist_state="session",
        label_visibility="collapsed",
    )
    return chosen


def _fixed(place: DeltaGenerator, shown: str) -> None:
    place.selectbox("Model", [shown], disabled=True, key="model-fixed", label_visibility="collapsed")


def _keep_valid(offered: Sequence[Model], catalogue: Catalogue, *, zdr: bool, parameter: str | None) -> str | None:
    """Choose another model while the chosen one is not on offer; return what to say about it, as Markdown."""
    current, chosen = session.current(), session.widget_value(MODEL)
    if current.stand_in is not None and chosen != current.stand_in:
        current.wanted_model = current.stand_in = None  # the person has chosen another one meanwhile
    wanted = current.wanted_model or chosen
    ids = {model.id for model in offered}
    if wanted in ids:
        if current.stand_in is not None:
            current.wanted_model = current.stand_in = None
            session.set_widget(MODEL, value=wanted)
        return None
    if chosen not in ids:
        nearest = catalogue.nearest(wanted or "", offered)
        chosen = nearest.id if nearest else None
        session.set_widget(MODEL, value=chosen)
    if not wanted or not chosen:
        return None
    current.wanted_model, current.stand_in = wanted, chosen
    reason = _why_not(catalogue.find(wanted), zdr=zdr, parameter=parameter)
    old, new = plain(catalogue.name_of(wanted)), plain(catalogue.name_of(chosen))
    return f"{old} {reason}: {new} is chosen instead."


def _why_not(model: Model | None, *, zdr: bool, parameter: str | None) -> str:
    if model and parameter and not model.supports(parameter):
        return f"cannot use {parameter}"
    if model and not resources.services().live.rules().allow_model(model.id):
        return "is forbidden by whoever runs this orchat"
    return "has no provider with zero data retention" if model and zdr else "is not on offer here"
