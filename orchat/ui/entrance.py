"""The entrance: who is let in, and what the others see."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from orchat.choices import Login
from orchat.errors import NotAdmittedError, OrchatError
from orchat.people import LOCAL, Person, admit_claims, admit_name, exposed, is_own_name
from orchat.settings import Settings
from orchat.ui import error_card, identity, own_key, resources, session
from orchat.ui.wording import plain

if TYPE_CHECKING:
    from orchat.services import Services


def enter() -> bool:
    """Let the visitor in; if they have to log in first, or may not come in, draw that and return False."""
    settings = resources.settings()
    if settings.login is Login.OIDC and not identity.claims():
        _draw_login()
        return False
    try:
        person = _admitted(settings)
        current = session.current()
        # Before the services are asked for: they would draw the page anew, and again, instead of telling who may not.
        current.drawing, known_until = True, current.known_until
        if settings.login is not Login.NONE and known_until < time.monotonic():
            _note_visit(resources.services(), person, first=known_until == 0)
            known_until = time.monotonic() + resources.KNOWN_FOR
    except NotAdmittedError as error:
        session.leave()
        _note_refusal(error, settings)
        _draw_refusal(error, settings)
        return False
    current = session.begin(person)
    current.known_until, current.drawing = known_until, True
    if settings.secret is not None:
        own_key.take()
    return True


def _admitted(settings: Settings) -> Person:
    if settings.login is Login.OIDC:
        return admit_claims(settings, identity.claims())
    if settings.login is Login.PROXY:
        return admit_name(settings, identity.vouched() or "")
    if not settings.open_to_all and exposed(settings.bind or st.get_option("server.address")):
        raise NotAdmittedError(
            "Others than this machine can reach orchat, and nobody is asked to log in.",
            advice="Set ORCHAT_LOGIN (docs/hosting.md says how), or let it listen on 127.0.0.1. If something in front "
            "of it asks who is there and all may share everything, set ORCHAT_OPEN=true.",
        )
    if not settings.open_to_all and not is_own_name(st.context.headers.get("host"), settings.public_url):
        raise NotAdmittedError(
            "orchat was asked for by a name that is not this machine’s, and nobody is asked to log in.",
            advice="Open it as localhost, or set ORCHAT_PUBLIC_URL to the address that it has for you. "
            "A page of somebody else’s could let its own name lead here, and read your chats.",
        )
    return LOCAL


def _note_visit(services: Services, person: Person, *, first: bool) -> None:
    """Keep who was here; somebody whom an operator has locked out ends here."""
    known = services.store.meet(person.owner, name=person.name, email=person.email, role=person.role)
    if known.blocked:
        raise NotAdmittedError(
            "You have been locked out of this orchat.",
            who=person.owner,
            called=person.email or person.name,
            why="locked out",
        )
    if first:
        services.store.note(person.owner, "came in", details={"role": str(person.role)})


def _note_refusal(error: NotAdmittedError, settings: Settings) -> None:
    """Write down who was not let in; where nobody logs in there is nobody to write down."""
    if settings.login is Login.NONE:
        return
    who, called, why = error.who or st.context.ip_address or "somebody on this machine", error.called, error.why
    if posing := identity.refused():
        (who, called), why = posing, "named in the proxy's header, from another address"
    # Whoever is refused is told so, whether it can be written down or not.
    with suppress(OrchatError):
        resources.services().store.note_refused(who, why, called)


def _draw_login() -> None:
    st.title("orchat")
    st.markdown("Log in to see your chats.")
    st.button("Log in", type="primary", icon=":material/login:", on_click=st.login, key="log-in")


def _draw_refusal(error: NotAdmittedError, settings: Settings) -> None:
    st.title("orchat")
    error_card.draw({"message": error.message, "advice": error.advice}, key="entrance")
    if settings.login is Login.OIDC:
        st.button("Log in as somebody else", on_click=st.logout, key="log-out")


def draw_who() -> None:
    """Draw who is here and the way out; nothing where nobody logs in."""
    settings, person = resources.settings(), session.current().person
    if settings.login is Login.NONE:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(person.name))
        if settings.login is Login.OIDC:
            st.button("Log out", key="log-out", type="tertiary", on_click=st.logout)
