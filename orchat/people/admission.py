"""Admission: from what a provider or a proxy says of somebody to a person, or to a refusal."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from orchat.errors import NotAdmittedError
from orchat.people.person import Person, Role
from orchat.settings import Settings

LOCAL = Person("local", role=Role.OPERATOR)
"""Whoever is there where nobody is asked to log in."""
UNLISTED = "not on the list"


def admit_claims(settings: Settings, claims: Mapping[str, Any]) -> Person:
    """Return the person of an OpenID Connect login, from the claims of the provider's token.

    The issuer's name for them (`iss` and `sub`) is what their things are kept under: an e-mail address may pass to
    somebody else.

    Raises:
        NotAdmittedError: the claims name nobody, or somebody who is not on the list, or are not for orchat at all.
    """
    audience, (issuer, subject) = claims.get("aud"), (claims.get("iss"), claims.get("sub"))
    who, called = f"{issuer or '?'}|{subject or '?'}", str(claims.get("email") or claims.get("name") or "")
    # Streamlit's login takes a token for others where `azp` names us, which says no more than who has asked for it.
    if settings.oidc_client_id and settings.oidc_client_id not in (audience if _several(audience) else [audience]):
        raise NotAdmittedError(
            "The login provider's word is meant for another application.",
            who=who,
            called=called,
            why="logged in for another application",
        )
    if not issuer or not subject:
        raise NotAdmittedError(
            "The login provider did not say who you are.", who=who, called=called, why="the provider names nobody"
        )
    # An address that somebody has merely typed into their profile proves nothing.
    verified = claims.get("email_verified", settings.trust_email) in (True, "true")
    email = str(claims.get("email") or "") if verified else ""
    name = str(claims.get("name") or claims.get("preferred_username") or email or subject)
    person = Person(who, name, email, _role(settings, email, claims))
    if not _is_listed(settings, person, email):
        # Not told to them: whoever writes somebody's address into their profile would learn that it is on the list.
        unproved = not verified and _is_listed(settings, person, called)
        raise _unlisted(person, called, "the address is not verified" if unproved else UNLISTED)
    return person


def admit_name(settings: Settings, name: str) -> Person:
    """Return the person whom a trusted proxy names.

    Raises:
        NotAdmittedError: the proxy named nobody, or somebody who is not on the list.
    """
    name = name.strip()
    if not name:
        raise NotAdmittedError("The proxy in front of orchat did not say who you are.", why="the proxy names nobody")
    person = Person(f"proxy|{name}", name, name if "@" in name else "", _role(settings, name, {}))
    if not _is_listed(settings, person, name):
        raise _unlisted(person, name, UNLISTED)
    return person


def exposed(address: str | None) -> bool:
    """Whether others than this machine may reach an address; None and a name of all interfaces are reached by all."""
    if address == "localhost":
        return False
    try:
        return address is None or not ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return True


def is_own_name(host: str | None, public_url: str | None) -> bool:
    """Whether a request's `Host` is a name of this machine: `localhost`, an address, or that of the public URL.

    A foreign page cannot ask for another name than its own: by DNS rebinding it lets that name lead here, and is the
    same origin then as what it gets. Whoever sends no `Host` at all is no browser.
    """
    if not host:
        return True
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    own = {"localhost", (urlsplit(public_url or "").hostname or "localhost").rstrip(".")}
    return name in own or name.endswith(".localhost") or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _role(settings: Settings, name: str, claims: Mapping[str, Any]) -> Role:
    by_list = bool(name) and name.casefold() in {one.casefold() for one in settings.operators}
    wanted, _, value = settings.operator_claim.partition("=")
    claimed = claims.get(wanted) if wanted else None
    values = claimed if _several(claimed) else [claimed]
    return Role.OPERATOR if by_list or (value and value in map(str, values)) else Role.USER


def _several(claim: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(claim, Sequence) and not isinstance(claim, str)


def _is_listed(settings: Settings, person: Person, name: str) -> bool:
    allowed = {entry.casefold() for entry in settings.allowed}
    domain = name[name.rfind("@") :].casefold() if "@" in name else None
    return not allowed or name.casefold() in allowed or domain in allowed or person.operator


def _unlisted(person: Person, called: str, why: str) -> NotAdmittedError:
    said = f"{person.name} is not on the list of those who may come in."
    return NotAdmittedError(said, who=person.owner, called=called, why=why)
