"""One model: what it is, what it can do, who serves it and how well, and the button to chat with it."""

from concurrent.futures import TimeoutError as NoAnswerYet
from typing import Any

import streamlit as st

from orchat.connections import Connection
from orchat.errors import OrchatError
from orchat.openrouter import Catalogue, Endpoint, Model
from orchat.openrouter.models import MILLION
from orchat.openrouter.rules import Rules
from orchat.turn import describe
from orchat.ui import choices, error_card, favourites, resources, session, spreadsheet
from orchat.ui.wording import count, plain, price

ANSWERS_WITHIN = 15.0
KEPT_FOR = 300
"""Seconds that figures of endpoints are shown before they are asked for again: they are those of half an hour."""
DOLLARS = "$ %.2f"
COLUMNS = {
    "Up": st.column_config.NumberColumn(format="%.1f %%", help="Share of the last day in which it answered"),
    "First token": st.column_config.NumberColumn(format="%.2f s", help="In the middle of the last half hour"),
    "Speed": st.column_config.NumberColumn(format="%.0f /s", help="Tokens per second, likewise"),
    "In": st.column_config.NumberColumn(format=DOLLARS, help="US dollars per million tokens"),
    "Out": st.column_config.NumberColumn(format=DOLLARS, help="US dollars per million tokens"),
    "ZDR": st.column_config.CheckboxColumn(help="On OpenRouter's list of endpoints that keep no data"),
    "Context": st.column_config.NumberColumn(format="localized"),
    "Quantization": st.column_config.TextColumn(help="How its weights are stored: fewer bits, less exact"),
}


def show(model_id: str | None) -> None:
    """Open the dialog for a model; for callbacks."""
    session.current().model_shown = model_id


def draw_if_open(catalogue: Catalogue) -> None:
    """Draw it if a model has been selected."""
    shown = session.current().model_shown
    model = catalogue.find(shown) if shown else None
    if model is not None:
        st.dialog(plain(model.short_name), width="large", on_dismiss=close)(_draw)(model, catalogue)


def close() -> None:
    """Close it, and let go of what was selected."""
    current = session.current()
    current.model_shown = None
    current.models_looked_at += 1


def _chat_with(model: Model) -> None:
    close()
    choices.choose(model)
    session.current().to_chat = True


def _draw(model: Model, catalogue: Catalogue) -> None:
    if session.current().to_chat:
        st.rerun()
    st.caption(f"{plain(model.maker)} · {plain(model.id)}")
    st.markdown(" ".join(_badges(model, catalogue)))
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Chat with this model",
            type="primary",
            icon=":material/chat:",
            key="use-model",
            on_click=_chat_with,
            args=(model,),
        )
        marked = model.id in favourites.of_this_person()
        st.button(
            "A favourite" if marked else "Make it a favourite",
            icon=":material/star:" if marked else ":material/star_outline:",
            key="favourite",
            help="Favourites come first in the picker. Press again to take it off." if marked else None,
            on_click=favourites.flip,
            args=(model.id,),
        )
    if model.description:
        with st.container(height=120 if len(model.description) > 300 else "content", border=False):
            st.text(model.description)
    if not model.is_router:
        _endpoints(model, catalogue)


def _badges(model: Model, catalogue: Catalogue) -> list[str]:
    reads = ", ".join(kind for kind in model.input_modalities if kind != "text")
    said = [
        f":gray-badge[{plain(price(model))}]" if price(model) else "",
        f":gray-badge[{count(model.context_length)} context]" if model.context_length else "",
        ":green-badge[🛡️ ZDR]" if catalogue.supports_zdr(model) else ":orange-badge[no ZDR]",
        ":blue-badge[tools]" if model.supports("tools") else "",
        ":blue-badge[reasoning]" if model.thinks else "",
        f":blue-badge[reads {plain(reads)}]" if reads else "",
    ]
    return [badge for badge in said if badge]


def _endpoints(model: Model, catalogue: Catalogue) -> None:
    connection, rules = resources.connection(), resources.services().live.rules()
    st.markdown("**Who serves it**")
    try:
        with st.spinner("Asking OpenRouter…"):
            found = _asked(model.id, (connection.client.config.base_url, connection.source), connection)
    except OrchatError as error:
        error_card.draw(describe(error), key="endpoints")
        return
    except NoAnswerYet:
        st.caption("OpenRouter takes long to answer. Open the model again in a moment.")
        return
    if not found:
        st.caption("Nobody at the moment.")
        return
    st.dataframe(
        spreadsheet.rows(_row(endpoint, catalogue, rules) for endpoint in found),
        column_config=COLUMNS,
        hide_index=True,
        width="stretch",
        placeholder="–",
        key="model-endpoints",
        alt="Providers of this model with uptime, speed, prices and zero data retention",
    )
    if connection.keyless:
        st.caption("Speeds are told only to who has a key.")


@st.cache_data(ttl=KEPT_FOR, max_entries=200, show_spinner=False)
def _asked(
    model_id: str,
    whom: tuple[str, str],  # noqa: ARG001 - answers of other servers, and to those without a key, are kept apart
    _connection: Connection,
) -> list[Endpoint]:
    asking: Any = resources.services().runs.submit(_connection.client.endpoints(model_id))
    found: list[Endpoint] = asking.result(ANSWERS_WITHIN)
    return found


def _row(endpoint: Endpoint, catalogue: Catalogue, rules: Rules) -> dict[str, object]:
    paid, earned = endpoint.prices
    name = endpoint.provider if "/" not in endpoint.tag else f"{endpoint.provider} ({endpoint.tag.partition('/')[2]})"
    allowed = rules.allow_provider(endpoint.tag)
    return {
        "Provider": name + ("" if allowed else " (forbidden here)") + ("" if endpoint.works else " (disturbed)"),
        "ZDR": catalogue.keeps_nothing(endpoint),
        "Up": endpoint.uptime,
        "First token": endpoint.latency,
        "Speed": endpoint.throughput,
        "In": None if paid is None else float(paid * MILLION),
        "Out": None if earned is None else float(earned * MILLION),
        "Quantization": endpoint.quantization,
        "Context": endpoint.context_length,
    }
