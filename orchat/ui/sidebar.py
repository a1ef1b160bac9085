"""The sidebar: new chat, model and privacy, credits, and the list of chats."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from orchat.openrouter import AutoRouter
from orchat.openrouter.routing import CostTier
from orchat.turn import Ask
from orchat.ui import (
    chat_list,
    choices,
    entrance,
    key_dialog,
    media_options,
    model_picker,
    own_key,
    resources,
    search_box,
    session,
)
from orchat.ui.choice_keys import AUTO, MODEL, TIER, ZDR
from orchat.ui.wording import money, plain
from orchat.wire import AUTO_MODEL

if TYPE_CHECKING:
    from orchat.connections import Connection
    from orchat.openrouter import Catalogue

PRIVACY_URL = "https://openrouter.ai/settings/privacy"
CREDITS_URL = "https://openrouter.ai/settings/credits"
FIRST_CATALOGUE_WITHIN = 3.0
PRICE_RANGES: dict[CostTier | Literal[""], str] = {
    "": "automatic",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "very high",
    "max": "highest",
}
"""The auto-router's cost tiers. Each is a fifth of the models by price, cheaper ones left out: a range, no ceiling."""


def draw() -> DeltaGenerator:
    """Draw the sidebar; what is chosen goes to the session. Return the place of the chats, for `draw_chats`."""
    connection = resources.connection()
    connection.account.current()
    # Asked before anything is drawn: what arrives in between would otherwise never be.
    awaited = connection.awaited
    with st.sidebar:
        st.button("New chat", icon=":material/edit_square:", width="stretch", on_click=session.new_chat, key="new-chat")
        search_box.draw()
        # A fragment reruns alone, but only after a running page has ended: while an answer streams the whole page
        # reruns, which costs nothing, since the answer does not depend on the page.
        if _answering():
            with st.container():
                _settings()
        else:
            st.fragment(_settings)()
        _connection_note(connection)
        chats = st.container()
        entrance.draw_who()
        if awaited:
            _wait_for(connection)
    return chats


def draw_chats(place: DeltaGenerator) -> None:
    """Draw the list of chats, when what was asked for is done, and say what there is to say about that."""
    current = session.current()
    with place:
        chat_list.draw()
    if current.notice:
        st.toast(current.notice)
        current.notice = None


@st.fragment(run_every=0.5)
def _wait_for(connection: Connection) -> None:
    """Draw the page again when OpenRouter has told the credits or the models."""
    if not connection.awaited:
        st.rerun(scope="app")


def _answering() -> bool:
    current = session.current()
    begins = current.intent is not None
    return begins or resources.services().runs.is_active(current.owner, current.conversation_id or "")


def _settings() -> None:
    connection = resources.connection()
    # The auto-router needs no list of models, so the page does not wait for one.
    waits = 0.0 if session.widget_value(AUTO) else FIRST_CATALOGUE_WITHIN
    catalogue = connection.catalogue.current(wait=waits)
    services = resources.services()
    settings = services.settings
    _defaults(catalogue)
    picker = st.container()
    may_auto = services.live.rules().allow_model(AUTO_MODEL)
    if not may_auto:
        session.set_widget(AUTO, value=False)
    auto = st.toggle(
        "⚡ Auto-router",
        key=AUTO,
        persist_state="session",
        disabled=not may_auto,
        help="OpenRouter chooses the model for each message, within a range of prices if you name one. "
        "The one that answered is shown.",
    )
    if not may_auto:
        st.caption("The auto-router is forbidden by whoever runs this orchat.")
    price_range = st.empty()
    with st.container(key="zdr-on" if session.widget_value(ZDR) else "zdr-off"):
        zdr = st.toggle(
            "🛡️ Zero data retention",
            key=ZDR,
            persist_state="session",
            disabled=settings.require_zdr,
            help="Only providers that keep no data may answer. It is asked for with every request.",
        )
    zdr = zdr or settings.require_zdr
    note = st.empty()
    if settings.require_zdr:
        note.markdown(":small[:orange[ZDR is required by whoever runs this orchat.] It is on for every request.]")
    elif zdr:
        note.markdown(f":small[:orange[ZDR is on for every request.] [Privacy settings]({PRIVACY_URL})]")
    with picker:
        parameter = "tools" if session.current().kind == "agent" else None
        model = model_picker.draw(connection.catalogue, auto=auto, zdr=zdr, parameter=parameter)
    tier = _price_range(price_range) if auto else None
    limits = AutoRouter(settings.auto_allowed_models, settings.auto_excluded_models, tier)
    session.current().ask = Ask(model=model, auto=auto, zdr=zdr, auto_router=limits)
    media_options.follow_model(catalogue)
    choices.keep(resources.services().store)
    _credits(connection, catalogue, settings.low_credits)


def _defaults(catalogue: Catalogue) -> None:
    """Give the widgets of a new visitor their first values."""
    settings = resources.services().settings
    if session.widget_value(AUTO) is None:
        session.set_widget(AUTO, value=settings.default_model is None)
    if session.widget_value(TIER) is None:
        session.set_widget(TIER, value=settings.auto_cost_tier or "")
    if session.widget_value(ZDR) is None or settings.require_zdr:
        session.set_widget(ZDR, value=settings.default_zdr or settings.require_zdr)
    if session.widget_value(MODEL) is None and len(catalogue):
        session.set_widget(MODEL, value=_first_model(catalogue, settings.default_model))


def _price_range(place: DeltaGenerator) -> CostTier | None:
    """Draw which models the auto-router may choose from, by price."""
    chosen: CostTier | Literal[""] = place.selectbox(
        "Price range of the auto-router",
        list(PRICE_RANGES),
        key=TIER,
        format_func=lambda tier: f"Price range: {PRICE_RANGES[tier]}",
        on_change="ignore",
        persist_state="session",
        label_visibility="collapsed",
    )
    return chosen or None


def _credits(connection: Connection, catalogue: Catalogue, low: Decimal) -> None:
    watch = connection.account
    account = watch.current()
    left, right = st.columns(2, vertical_alignment="top")
    known = account is not None and account.left is not None
    amount = money(account.left) if account and account.left is not None else ("…" if watch.pending else "unknown")
    left.metric(
        "Credits",
        amount,
        delta=money(watch.change) if known and watch.change else None,
        delta_color="off",
        delta_arrow="off",
    )
    left.caption(plain(_meaning(connection)))
    with right:
        st.caption("Answered last")
        st.markdown(_answered_last(catalogue))
    if account and account.left is not None and account.left < low:
        st.warning(
            f"Credits are low: {plain(money(account.left))} left. [Add credits]({CREDITS_URL})",
            icon=":material/warning:",
        )


def _meaning(connection: Connection) -> str:
    watch = connection.account
    if connection.simulated:
        return "simulated"
    if watch.problem:
        return f"OpenRouter did not say: {watch.problem.message}"
    if watch.account is None:
        return ""
    if watch.account.left is None:
        return "no limit on this key; only a management key may read the balance"
    return watch.account.meaning


def _answered_last(catalogue: Catalogue) -> str:
    current = session.current()
    if not current.answered_by:
        return "—"
    return f"**{plain(catalogue.name_of(current.answered_by))}**"


def _connection_note(connection: Connection) -> None:
    if connection.of_the_visitor:
        st.caption("Your own key is in use.")
        st.button("Forget my key", key="forget-key", on_click=own_key.forget, type="tertiary")
    else:
        st.button(
            "Use my OpenRouter key",
            icon=":material/key:",
            key="enter-key",
            on_click=key_dialog.ask_for_it,
            width="stretch",
        )


def _first_model(catalogue: Catalogue, wanted: str | None) -> str | None:
    """Return the model a new visitor begins with: the operator's choice if listed, else the first that is no router."""
    if wanted and (model := catalogue.find(wanted)):
        return model.id
    return next((model.id for model in catalogue.models if not model.is_router), None)
