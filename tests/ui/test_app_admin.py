"""The operators' page: for operators only, and everything done there is in the audit log."""

from collections.abc import Callable

import pytest

from orchat.settings import changeable
from orchat.ui import admin_page, admin_settings, frame
from tests.ui.chat_app import ChatApp, words
from tests.ui.test_app_people import ANN, BOB, as_, owner, say

Start = Callable[..., ChatApp]
PAGE = "pages/admin.py"


@pytest.fixture
def team(start: Start) -> ChatApp:
    return start(ORCHAT_LOGIN="oidc", ORCHAT_OPERATORS="ann@example.com")


def at_admin(app: ChatApp) -> ChatApp:
    app.page.switch_page(PAGE)
    app.run()
    return app


def test_who_is_no_operator_is_told_so_and_sees_nobody(team: ChatApp):
    as_(team, ANN)
    app = at_admin(as_(team, BOB))
    assert "This page is for operators" in words(app.page.main)
    assert len(app.page.dataframe) == 0
    assert "Ann" not in words(app.page.main)


def test_an_operator_sees_who_was_here_and_what_happened(team: ChatApp):
    as_(team, BOB)
    app = at_admin(as_(team, ANN))
    assert [tab.label for tab in app.page.tabs] == list(admin_page.TABS)
    [people] = app.page.dataframe
    assert set(people.value["Name"]) == {"Ann", "Bob"}
    assert dict(zip(people.value["Name"], people.value["Role"], strict=True)) == {"Ann": "operator", "Bob": "user"}


def test_a_notice_is_shown_to_everybody_as_it_stands(team: ChatApp):
    as_(team, ANN)
    team.services.live.change(owner(ANN), "notice", "Down at noon ![x](https://evil.test/x.png)")
    app = as_(team, BOB)
    [notice] = [info.value for info in app.page.info if "noon" in info.value]
    assert "![x](" not in notice


CALL = """
import streamlit as st
from orchat.errors import NotAdmittedError
from orchat.ui import admin_keys, admin_page, admin_people, admin_settings, budget_admin, entrance
entrance.enter()
try:
    {call}
except NotAdmittedError:
    st.write("refused")
"""


def call(app: ChatApp, claims: dict[str, object], what: str) -> str:
    """Call what a callback of the page calls, as this person."""
    from streamlit.testing.v1 import AppTest

    page = AppTest.from_string(CALL.format(call=what), default_timeout=30)
    page.user = claims
    page.run()
    assert list(page.exception) == []
    return words(page.main)


def test_locking_out_is_for_operators_and_is_written_down(team: ChatApp):
    as_(team, BOB)
    as_(team, ANN)
    ann, bob = owner(ANN), owner(BOB)
    call(team, BOB, f"admin_people.set_blocked({ann!r}, blocked=True)")
    assert [known.owner for known in team.store.everybody() if known.blocked] == []
    call(team, ANN, f"admin_people.set_blocked({bob!r}, blocked=True)")
    assert [known.owner for known in team.store.everybody() if known.blocked] == [bob]
    entry = team.store.audited()[0]
    assert (entry.actor, entry.action, entry.subject) == (ann, "locked out", bob)


def test_nobody_locks_themselves_out(team: ChatApp):
    as_(team, ANN)
    call(team, ANN, f"admin_people.set_blocked({owner(ANN)!r}, blocked=True)")
    assert [known.owner for known in team.store.everybody() if known.blocked] == []


def test_an_operator_deletes_somebody_with_all_of_theirs_and_that_is_written_down(team: ChatApp):
    bob = as_(team, BOB)
    say(bob, "Hello")
    as_(team, ANN)
    assert team.store.conversation_ids(owner(BOB)) != []
    call(team, ANN, f"admin_people.delete({owner(BOB)!r}, 'Bob')")
    assert [known.name for known in team.store.everybody()] == ["Ann"]
    assert team.store.conversation_ids(owner(BOB)) == []
    entry = team.store.audited()[0]
    assert (entry.actor, entry.action, entry.subject) == (owner(ANN), "deleted", owner(BOB))
    assert entry.details == {"chats": 1, "messages": 2}


def test_nobody_deletes_themselves_and_nobody_but_operators_deletes(team: ChatApp):
    as_(team, BOB)
    as_(team, ANN)
    call(team, ANN, f"admin_people.delete({owner(ANN)!r}, 'Ann')")
    call(team, BOB, f"admin_people.delete({owner(ANN)!r}, 'Ann')")
    assert {known.name for known in team.store.everybody()} == {"Ann", "Bob"}


def test_settings_are_changed_by_operators_only(team: ChatApp):
    as_(team, ANN)
    for what in ("save(['notice'])", "give_back('notice')", "revert(1)"):
        assert call(team, BOB, f"admin_settings.{what}") == "refused"
    assert team.store.settings_changed() == []


def at_settings(app: ChatApp, group: str) -> ChatApp:
    app.page.session_state["admin"] = "Settings"
    app = at_admin(app)
    app.page.segmented_control(key="settings-of").set_value(group)
    app.run()
    return app


def test_an_operator_forbids_models_on_the_page_and_everybodys_picker_lacks_them(team: ChatApp):
    ann = at_settings(as_(team, ANN), "Models")
    ann.page.multiselect(key="set-forbidden_models").set_value(["openai/*", "~openai/*"])
    ann.press("save-settings")
    [change] = team.store.settings_changed()
    assert (change.actor, change.name) == (owner(ANN), "forbidden_models")
    bob = as_(team, BOB)
    bob.switch("auto", False)
    offered = bob.page.selectbox(key="model").options
    assert offered
    assert not [name for name in offered if "OpenAI" in name]
    assert "whoever runs this orchat forbids" in words(bob.page.sidebar)


def test_a_change_is_undone_from_the_history_and_given_back_to_the_environment(team: ChatApp):
    as_(team, ANN)
    live = team.services.live
    live.change(owner(ANN), "require_zdr", True)
    live.change(owner(ANN), "notice", "Down at noon")
    ann = at_settings(as_(team, ANN), "Privacy")
    assert ann.page.toggle(key="set-require_zdr").value
    ann.press("back-require_zdr")
    assert not live.current.require_zdr
    ann = at_settings(as_(team, ANN), "History")
    [history] = ann.page.dataframe
    assert list(history.value["Setting"])[1:] == ["Notice to everybody", "Zero data retention for everybody"]
    assert list(history.value["Who"]) == ["Ann"] * 3
    call(team, ANN, f"admin_settings.revert({live.history()[1].number})")
    assert live.current.notice == ""


def test_what_cannot_be_used_is_said_on_the_page(team: ChatApp):
    ann = at_settings(as_(team, ANN), "Auto-router")
    ann.page.multiselect(key="set-auto_allowed_models").set_value(["anthropic/*"])
    ann.press("save-settings")
    assert team.services.settings.auto_allowed_models == ("anthropic/*",)
    ann = at_settings(as_(team, ANN), "Limits")
    ann.page.number_input(key="set-runs_each").set_value(0)
    ann.press("save-settings")
    assert "greater than 0" in words(ann.page.main)
    assert team.services.settings.runs_each == team.services.live.environment.runs_each


def test_every_group_of_settings_is_drawn(team: ChatApp):
    ann, drawn = as_(team, ANN), set()
    for group in [*admin_settings.GROUPS, admin_settings.LIMITS]:
        app = at_settings(ann, group)
        for kind in ("toggle", "multiselect", "selectbox", "number_input", "text_area"):
            drawn |= {str(widget.key).removeprefix("set-") for widget in getattr(app.page, kind)}
    assert drawn >= set(changeable()) - {"budgets"}


def test_an_operator_sets_the_standing_budgets_where_they_stand_and_they_hold_at_once(start: Start):
    team = start(ORCHAT_LOGIN="oidc", ORCHAT_OPERATORS="ann@example.com", ORCHAT_BUDGET="user: 5/day")
    ann = as_(team, ANN)
    ann.page.session_state["admin"] = "Budgets"
    ann = at_admin(ann)
    assert ann.page.text_input(key="set-budgets").value == "user: 5/day"
    assert "ORCHAT_BUDGET says" not in words(ann.page.main)
    ann.page.text_input(key="set-budgets").set_value("user: 0/day, total: much")
    ann.press("save-settings")
    assert "“much” is no limit" in words(ann.page.main)
    assert "Value error" not in words(ann.page.main)
    ann.page.text_input(key="set-budgets").set_value("user: 0/day, total: 100/month")
    ann.press("save-settings")
    assert "Each person: **0/day**; everybody together: **100/month**" in words(ann.page.main)
    assert "ORCHAT_BUDGET says: user: 5/day" in words(ann.page.main).replace("\\", "")
    bob = as_(team, BOB)
    chat = say(bob, "Hello")
    assert bob.store.branch(owner(BOB), chat)[-1].state == "failed"
    ann.press("back-budgets")
    assert team.services.store.standing == team.services.live.environment.budgets
    assert ann.page.text_input(key="set-budgets").value == "user: 5/day"
    history = at_settings(as_(team, ANN), "History").page.dataframe[0].value
    assert list(history["To"]) == ["as the environment says", "user: 0/day, total: 100/month"]


def test_health_looks_at_what_was_set_on_the_page_and_not_only_at_the_environment(team: ChatApp):
    app = as_(team, ANN)
    app.services.live.change(owner(ANN), "title_model", "openai/gpt-4.1-mini")
    app.services.live.change(owner(ANN), "allowed_models", ["anthropic/*"])
    app.page.session_state["admin"] = "Health"
    at_admin(app)
    assert "they forbid what other settings name" in words(app.page.main)


def test_an_operator_who_was_locked_out_changes_nothing_in_a_page_that_is_still_open(team: ChatApp):
    as_(team, BOB)
    ann = at_settings(as_(team, ANN), "Notice")
    ann.page.text_area(key="set-notice").set_value("I was here")
    team.services.store.block(owner(ANN), blocked=True)
    ann.page.button(key="save-settings").click()
    ann.run()
    assert "locked out" in words(ann.page.main)
    assert not team.services.live.current.notice


def test_an_operator_who_was_locked_out_is_offered_the_page_no_more(team: ChatApp, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("orchat.ui.resources.KNOWN_FOR", 0)
    offered = []
    draw = frame._navigation
    monkeypatch.setattr(frame, "_navigation", lambda *, operator: offered.append(operator) or draw(operator=operator))
    ann = as_(team, ANN)
    assert offered[-1]
    team.services.store.block(owner(ANN), blocked=True)
    ann.run()
    assert "locked out" in words(ann.page.main)
    assert not offered[-1]
