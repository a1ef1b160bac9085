"""The error card: what happened, what to do about it, and the buttons for it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import streamlit as st

from orchat.budgets import Scope
from orchat.errors import Action, OrchatError
from orchat.turn import describe
from orchat.ui import budget_bars, key_dialog, resources, session
from orchat.ui.choice_keys import AUTO, ZDR
from orchat.ui.wording import plain
from orchat.wire import fields

LINKS = {
    Action.ADD_CREDITS: ("Add credits", "https://openrouter.ai/settings/credits"),
    Action.KEY_SETTINGS: ("Open key settings", "https://openrouter.ai/settings/keys"),
    Action.PRIVACY_SETTINGS: ("Open privacy settings", "https://openrouter.ai/settings/privacy"),
}


@contextmanager
def shown() -> Iterator[None]:
    """Draw an error of ours as a card in place of a traceback."""
    try:
        yield
    except OrchatError as error:
        draw(describe(error), key="page")


def draw(error: Mapping[str, Any], *, key: str, retry: Callable[[], None] | None = None) -> None:
    """Draw the card of an error as it is kept with a message; `retry` is what the retry button does."""
    with st.container(border=True, key=f"error-{key}"):
        st.markdown(f"**⚠️ {plain(error['message'])}**")
        if error.get("advice"):
            st.markdown(plain(error["advice"]))
        if error.get("budget"):
            budget_bars.draw_kept(error["budget"])
        actions = [Action(action) for action in error.get("actions", ()) if action in list(Action)]
        if fields(error.get("budget")).get("scope") == Scope.CHAT and Action.ENTER_KEY in actions:
            # Whoever pays, a chat's budget holds.
            actions.remove(Action.ENTER_KEY)
        if Action.ZDR_OFF in actions and resources.services().settings.require_zdr:
            actions.remove(Action.ZDR_OFF)
            st.caption("Zero data retention is required by whoever runs this orchat.")
        _buttons(actions, key, retry)
        if details := _details(error):
            with st.expander("Details", type="compact"):
                st.code(details, language=None, wrap_lines=True)


def _buttons(actions: Sequence[Action], key: str, retry: Callable[[], None] | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for action in actions:
            name = f"card-{action}-{key}"
            if action in LINKS:
                st.link_button(*LINKS[action])
            elif action is Action.RETRY and retry:
                st.button("Try again", key=name, on_click=retry, type="primary")
            elif action is Action.ENTER_KEY:
                st.button("Enter a key", key=name, on_click=key_dialog.ask_for_it)
            elif action is Action.ZDR_OFF:
                st.button("Turn ZDR off and send again", key=name, on_click=_turn_zdr_off, args=(retry,))
            elif action is Action.NEW_CHAT:
                st.button("New chat", key=name, on_click=session.new_chat)
            elif action is Action.CHOOSE_MODEL and session.widget_value(AUTO):
                st.button("Turn the auto-router off", key=name, on_click=_turn_auto_router_off)
            elif action is Action.CHOOSE_MODEL and retry:
                st.button("Let the auto-router choose", key=name, on_click=_use_auto_router, args=(retry,))
        if Action.CHOOSE_MODEL in actions:
            st.page_link("pages/models.py", label="See all models")


def _turn_zdr_off(retry: Callable[[], None] | None) -> None:
    session.set_widget(ZDR, value=False)
    if retry:
        retry()


def _turn_auto_router_off() -> None:
    session.set_widget(AUTO, value=False)


def _use_auto_router(retry: Callable[[], None]) -> None:
    session.set_widget(AUTO, value=True)
    retry()


def _details(error: Mapping[str, Any]) -> str:
    names = ("kind", "status", "code", "provider", "detail", "retry_after", "generation_id")
    return "\n".join(f"{name.replace('_', ' ')}: {error[name]}" for name in names if error.get(name) is not None)
