"""The fields of the parameters: those that the chosen model takes, empty where it decides itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from orchat.presets.parameters import (
    BUDGET,
    BY_BUDGET,
    LARGEST,
    LEAST_BUDGET,
    MAX_TOKENS,
    MOST_STOPS,
    NUMBERS,
    OFF,
    REASONING,
    STOP,
    VERBOSITIES,
    VERBOSITY,
    Number,
    cleaned,
    efforts,
    most_tokens,
    offered,
    to_wire,
)
from orchat.ui import session
from orchat.ui.wording import plain

if TYPE_CHECKING:
    from orchat.openrouter import Model

UNSET = "Model's default"
NAMES = {OFF: "Off", BY_BUDGET: "So many tokens", "xhigh": "Very high", "max": "Highest"}


def draw(model: Model | None, *, auto: bool) -> None:
    """Draw the fields, and what is set and not sent."""
    can, chosen = offered(model, auto=auto), session.current().request.parameters
    fields = [number for number in NUMBERS if number.name in can]
    for pair in (fields[at : at + 2] for at in range(0, len(fields), 2)):
        for column, number in zip(st.columns(2), pair, strict=False):
            with column:
                _number(number, chosen, most_tokens(model) if number.name == MAX_TOKENS else None)
    left, right = st.columns(2)
    with left:
        if REASONING in can:
            _choice(REASONING, "Reasoning", efforts(model), _default_of(model), chosen)
    with right:
        if VERBOSITY in can:
            _choice(VERBOSITY, "Verbosity", VERBOSITIES, UNSET, chosen)
    if REASONING in can and chosen.get(REASONING) == BY_BUDGET:
        about = "The most tokens that the model may think with."
        _number(Number(BUDGET, "Reasoning tokens", about, LEAST_BUDGET, LARGEST, 1024, whole=True), chosen, None)
    if STOP in can:
        _stops(chosen)
    _not_sent(model, chosen, auto=auto)


def _not_sent(model: Model | None, chosen: Any, *, auto: bool) -> None:
    wire = to_wire(chosen, model, auto=auto)
    if wire.left_out:
        why = "may not be taken by whichever the auto-router chooses" if auto else "not taken by this model"
        told = f"Kept, but not sent: {', '.join(wire.left_out)} ({why})."
        st.markdown(f":small[:orange[{plain(told)}]]")
    for sentence in wire.changed:
        st.markdown(f":small[:orange[{plain(sentence)}]]")
    if chosen:
        st.button("Clear the parameters", key="clear-parameters", type="tertiary", on_click=_clear)


def _number(number: Number, chosen: Any, limit: int | None) -> None:
    """Draw a field; `limit` is the model's own, where it is known."""
    kind = int if number.whole else float
    most, value = min(number.most, limit or number.most), chosen.get(number.name)
    st.number_input(
        number.label,
        min_value=kind(number.least),
        max_value=kind(most),
        value=None,
        step=kind(number.step),
        key=session.field_key(f"parameter-{number.name}", None if value is None else kind(min(value, most))),
        placeholder=f"Up to {limit:,}" if limit else UNSET,
        help=number.about,
        persist_state="session",
        on_change=_set,
        args=(number.name,),
    )


def _choice(name: str, label: str, options: tuple[str, ...], unset: str, chosen: Any) -> None:
    value = chosen.get(name)
    st.selectbox(
        label,
        options,
        index=None,
        key=session.field_key(f"parameter-{name}", value if value in options else None),
        format_func=lambda option: NAMES.get(option, option.capitalize()),
        placeholder=unset,
        persist_state="session",
        on_change=_set,
        args=(name,),
    )


def _default_of(model: Model | None) -> str:
    known = (model.reasoning if model else None) or {}
    if known.get("mandatory"):
        return "Always reasons"
    return UNSET if known.get("default_enabled") is not False else f"{UNSET} (off)"


def _stops(chosen: Any) -> None:
    value = list(chosen.get(STOP, ()))
    st.multiselect(
        "Stop texts",
        value,
        key=session.field_key(f"parameter-{STOP}", value),
        max_selections=MOST_STOPS,
        accept_new_options=True,
        placeholder="None",
        help="The answer ends before the first of these.",
        persist_state="session",
        on_change=_set,
        args=(STOP,),
    )


def _set(name: str) -> None:
    current = session.current()
    others = {other: value for other, value in current.request.parameters.items() if other != name}
    value = session.field_value(f"parameter-{name}")
    current.request = replace(current.request, parameters=cleaned({**others, name: value}))


def _clear() -> None:
    current = session.current()
    current.set_request(replace(current.request, parameters={}))
