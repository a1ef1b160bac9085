"""Where keys are made for people: each chats with their own, and operators see, disable and renew them."""

from collections.abc import Callable

import pytest

from orchat.connections import KeySource
from orchat.demo.account import DEMO_MANAGEMENT_KEY
from orchat.errors import KeyNotMadeError
from tests.ui.chat_app import ChatApp, words
from tests.ui.test_app_people import ANN, BOB, SECRET, as_, owner, say

Start = Callable[..., ChatApp]


@pytest.fixture
def team(start: Start) -> ChatApp:
    return start(
        ORCHAT_LOGIN="oidc",
        ORCHAT_OPERATORS="ann@example.com",
        ORCHAT_SECRET=SECRET,
        ORCHAT_KEYS="each",
        ORCHAT_KEY_LIMIT="3",
        OPENROUTER_MANAGEMENT_KEY=DEMO_MANAGEMENT_KEY,
    )


def used(app: ChatApp) -> set[str]:
    inference = [request for request in app.demo.requests if request.path.endswith("/chat/completions")]
    return {request.headers["authorization"].removeprefix("Bearer ") for request in inference}


def test_each_chats_with_a_key_of_their_own_that_is_made_when_they_come_in(team: ChatApp):
    ann, bob = as_(team, ANN), as_(team, BOB)
    assert {made.name for made in team.demo.made_keys} == {"orchat: Ann", "orchat: Bob"}
    assert ann.session.key != bob.session.key
    say(bob, "Hello")
    assert used(bob) == {bob.session.key}
    assert bob.services.connection(bob.session.key, KeySource.MADE).source is KeySource.MADE
    assert "left on this key" in bob.sidebar
    assert bob.page.sidebar.metric[0].value in {"$3.00", "$2.99"}
    assert "Your own key is in use" not in bob.sidebar
    as_(team, BOB)
    assert len(list(team.demo.made_keys)) == 2
    assert "was given a key of their own" in [entry.action for entry in team.store.audited()]


def test_who_is_locked_out_has_a_key_that_pays_nothing(team: ChatApp):
    as_(team, BOB)
    ann = as_(team, ANN)
    from tests.ui.test_app_admin import call

    [bobs] = [made for made in team.demo.made_keys if made.name == "orchat: Bob"]
    call(ann, ANN, f"admin_people.set_blocked({owner(BOB)!r}, blocked=True)")
    assert bobs.disabled
    call(ann, ANN, f"admin_people.set_blocked({owner(BOB)!r}, blocked=False)")
    assert not bobs.disabled


def test_a_key_ends_with_the_person_it_was_made_for(team: ChatApp):
    as_(team, BOB)
    ann = as_(team, ANN)
    from tests.ui.test_app_admin import call

    assert len(list(team.demo.made_keys)) == 2
    call(ann, ANN, f"admin_people.delete({owner(BOB)!r}, 'Bob')")
    assert [made.name for made in team.demo.made_keys] == ["orchat: Ann"]
    assert [known.name for known in team.store.everybody()] == ["Ann"]


def test_a_person_stays_while_their_key_cannot_be_ended(team: ChatApp, monkeypatch: pytest.MonkeyPatch):
    as_(team, BOB)
    ann = as_(team, ANN)
    from tests.ui.test_app_admin import call

    def away(*_: object) -> None:
        raise KeyNotMadeError("OpenRouter is away.")

    monkeypatch.setattr("orchat.people.made_keys.MadeKeys.forget", away)
    call(ann, ANN, f"admin_people.delete({owner(BOB)!r}, 'Bob')")
    assert {known.name for known in team.store.everybody()} == {"Ann", "Bob"}


def test_only_operators_renew_keys(team: ChatApp):
    bob = as_(team, BOB)
    as_(team, ANN)
    from tests.ui.test_app_admin import call

    before = {made.hash for made in team.demo.made_keys}
    call(team, BOB, f"admin_keys.renew({owner(ANN)!r}, 'Ann')")
    assert {made.hash for made in team.demo.made_keys} == before
    call(team, ANN, f"admin_keys.renew({owner(BOB)!r}, 'Bob')")
    assert len({made.hash for made in team.demo.made_keys} & before) == 1
    assert team.store.audited()[0].action == "renewed the key"
    assert as_(team, BOB).session.key != bob.session.key


def test_a_key_that_cannot_be_made_is_said_and_nothing_goes_out_with_another(start: Start):
    app = start(ORCHAT_SECRET=SECRET, ORCHAT_KEYS="each", OPENROUTER_MANAGEMENT_KEY="sk-or-v1-an-ordinary-key")
    app.open()
    assert "Only management keys can perform this operation" in words(app.page.main)
    assert app.services.connection().keyless


def test_where_everybody_brings_their_own_the_servers_key_is_not_used(start: Start):
    app = start(ORCHAT_KEYS="own")
    app.open()
    assert "A key is needed" in words(app.page.main)
    assert app.services.connection().source is KeySource.NONE
