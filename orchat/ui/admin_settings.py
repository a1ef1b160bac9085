"""Settings that operators change while orchat runs, and what was changed before."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo

from orchat.errors import NotAdmittedError, OrchatError
from orchat.live_settings import LiveSettings
from orchat.settings import changeable
from orchat.settings.changing import label, variable
from orchat.store import SettingChange
from orchat.turn import describe
from orchat.ui import error_card, resources, session, spreadsheet
from orchat.ui.wording import plain

GROUPS: dict[str, tuple[str, ...]] = {
    "Models": ("allowed_models", "forbidden_models", "default_model", "title_model"),
    "Auto-router": ("auto_allowed_models", "auto_excluded_models", "auto_cost_tier"),
    "Privacy": ("require_zdr", "default_zdr", "allowed_providers", "forbidden_providers"),
    "Tools": ("forbidden_features", "forbidden_tools"),
    "Notice": ("notice",),
}
"""What stands together; settings that are named nowhere here stand under *Limits*."""
ELSEWHERE = ("budgets",)
"""What stands on a tab of its own, beside what it is about."""
LIMITS, HISTORY = "Limits", "History"
FEATURES = ("*", "web_search", "web_fetch", "datetime", "image_generation", "video_generation", "file-parser", "fusion")
"""What OpenRouter's own tools and plugins are called; others can be written."""
MOMENT = st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")
MODEL_SETTINGS = ("default_model", "title_model")


def draw() -> None:
    """Draw one group of settings at a time."""
    groups = [*GROUPS, LIMITS, HISTORY]
    chosen = st.segmented_control(
        "Settings", groups, default=groups[0], key="settings-of", label_visibility="collapsed"
    )
    if chosen == HISTORY:
        draw_problem()
        _history()
    elif chosen:
        _group(chosen)


def draw_problem() -> None:
    """Draw why the last change was refused, once."""
    if problem := session.current().problem:
        error_card.draw(problem, key="settings")
        session.current().problem = None


def _group(group: str) -> None:
    fields = changeable()
    named = {name for names in GROUPS.values() for name in names} | set(ELSEWHERE)
    names = [name for name in GROUPS.get(group, fields) if name in fields and (group in GROUPS or name not in named)]
    draw_form(names)


def draw_form(names: Sequence[str]) -> None:
    """Draw settings that are saved together."""
    fields, live = changeable(), resources.services().live
    draw_problem()
    with st.form(f"settings-{names[0]}"):
        for name in names:
            _field(name, fields[name], live)
        st.form_submit_button("Save", type="primary", key="save-settings", on_click=save, args=(tuple(names),))


def _field(name: str, field: FieldInfo, live: LiveSettings) -> None:
    _input(name, field, getattr(live.current, name))
    said = f"{field.description} "
    if name in live.set_on_the_page:
        st.caption(f"{said}:blue-badge[set here] {plain(variable(field))} says: {plain(_shown(_env(live, name)))}")
        st.form_submit_button(
            "Back to the environment's", key=f"back-{name}", type="tertiary", on_click=give_back, args=(name,)
        )
    else:
        st.caption(said)


def _input(name: str, field: FieldInfo, value: Any) -> None:
    """Draw what a setting is entered in; its value is read from the session when it is saved."""
    key, title, kind = f"set-{name}", str(label(field)), field.annotation
    if isinstance(value, bool):
        st.toggle(title, value, key=key)
    elif name == "budgets":
        st.text_input(title, _text(value), key=key, placeholder="Empty: no limit")
    elif get_origin(kind) is tuple:
        options = list(dict.fromkeys([*value, *_suggested(name)]))
        st.multiselect(title, options, list(value), key=key, accept_new_options=True, placeholder="Choose, or write")
    elif isinstance(value, int | Decimal):
        step: int | float = 1 if isinstance(value, int) else 0.5
        st.number_input(
            title, value=value if isinstance(value, int) else float(value), min_value=0 * step, step=step, key=key
        )
    elif choices := _literals(kind):
        st.selectbox(title, choices, choices.index(value or ""), key=key, format_func=lambda one: one or "automatic")
    elif name in MODEL_SETTINGS:
        others = [""] if name == "default_model" else ["none"]
        models = list(dict.fromkeys([value or "", *others, *_models()]))
        st.selectbox(title, models, key=key, accept_new_options=True, format_func=lambda one: one or "the auto-router")
    else:
        st.text_area(title, value or "", key=key, max_chars=500)


def _literals(kind: Any) -> list[str]:
    found = [one for part in (kind, *get_args(kind)) for one in get_args(part) if isinstance(one, str)]
    return ["", *dict.fromkeys(found)] if found else []


def _models() -> list[str]:
    return [model.id for model in resources.connection().catalogue.current().models]


def _suggested(name: str) -> Sequence[str]:
    """Return what can be chosen for a list; anything else can be written."""
    catalogue = resources.connection().catalogue.current()
    if name.endswith("_providers"):
        return sorted(provider.slug for provider in catalogue.providers)
    if name == "forbidden_features":
        return FEATURES
    if name == "forbidden_tools":
        return [info.name for plugin in resources.services().toolbox().plugins() for info in plugin.tools]
    makers = sorted({f"{model.id.partition('/')[0].lstrip('~')}/*" for model in catalogue.models})
    return [*makers, "*:free", *_models()]


def _env(live: LiveSettings, name: str) -> Any:
    return getattr(live.environment, name)


def _shown(value: Any) -> str:
    """Return a value as a person reads it."""
    if value in (None, "", (), []):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _text(value) if isinstance(value, list | tuple) else str(value)


def _text(values: Sequence[Any]) -> str:
    return ", ".join(map(str, values))


def save(names: Sequence[str]) -> None:
    """Set what has been entered in the page's fields; for button callbacks."""
    live, fields = _live(), changeable()
    for name in names:
        entered = session.widget_value(f"set-{name}")
        now = getattr(live.current, name)
        if isinstance(now, tuple):
            entered, now = (entered, _text(now)) if isinstance(entered, str) else (tuple(entered), now)
        same = entered == now or (entered in ("", None) and now in ("", None))
        if same or (isinstance(now, Decimal) and Decimal(str(entered)) == now):
            continue
        kept = str(entered) if isinstance(now, Decimal) else entered
        if not _tried(lambda name=name, kept=kept: live.change(session.current().owner, name, kept)):  # type: ignore[misc] # bound in the loop
            return
        session.current().notice = f"{label(fields[name])}: saved. It holds at once."


def give_back(name: str) -> None:
    """Let the environment's value hold again; for button callbacks."""
    live = _live()
    if _tried(lambda: live.give_back(session.current().owner, name)):
        session.forget_widget(f"set-{name}")


def revert(number: int) -> None:
    """Undo one change; for button callbacks."""
    live = _live()
    _tried(lambda: live.revert(session.current().owner, number))


def _tried(change: Callable[[], None]) -> bool:
    """Do it; what does not work is shown as a card."""
    try:
        change()
    except OrchatError as error:
        session.current().problem = describe(error)
        return False
    return True


def _live() -> LiveSettings:
    """Return what is changed here; a callback can be called by who has no button.

    Raises:
        NotAdmittedError: whoever is here is no operator.
    """
    if not session.current().person.operator:
        raise NotAdmittedError("Only operators change settings.")
    return resources.services().live


def _history() -> None:
    changes, names = resources.services().live.history(), changeable()
    if not changes:
        st.caption("Nothing has been changed here yet: everything is as the environment says.")
        return
    people = {person.owner: person.name for person in resources.services().store.everybody()}
    people = {"": "orchat", session.current().owner: "you", **people}
    st.caption("Select a change to undo it.")
    chosen = st.dataframe(
        spreadsheet.rows(_line(change, people, names) for change in changes),
        key="settings-history",
        column_config={"At": MOMENT},
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="single-row",
    )
    rows = chosen["selection"]["rows"]
    if rows and rows[0] < len(changes):
        change = changes[rows[0]]
        title = _title(change, names)
        st.button(
            plain(f"Set “{title}” back to: {_side(change.old)}"), key="revert", on_click=revert, args=(change.number,)
        )


def _title(change: SettingChange, names: dict[str, FieldInfo]) -> str:
    return str(label(names[change.name])) if change.name in names else change.name


def _line(change: SettingChange, people: dict[str, str], names: dict[str, FieldInfo]) -> dict[str, object]:
    return {
        "At": change.at,
        "Who": people.get(change.actor, change.actor),
        "Setting": _title(change, names),
        "From": _side(change.old),
        "To": _side(change.new),
    }


def _side(kept: dict[str, Any] | None) -> str:
    return "as the environment says" if kept is None else _shown(kept.get("value"))
