"""Who is let in, as what, and who is not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchat.errors import NotAdmittedError, SettingsError
from orchat.people import Person, Role, admit_claims, admit_name, exposed, is_own_name
from orchat.settings import Settings

SAID_NOTHING = {"iss": "https://id.example", "sub": "42", "name": "Ann", "email": "ann@example.com"}
CLAIMS = {**SAID_NOTHING, "email_verified": True}
Load = Callable[..., Settings]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    monkeypatch.chdir(tmp_path)

    def load(**variables: str) -> Settings:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return Settings.load()

    return load


def test_a_login_is_known_by_its_issuer_and_subject_and_not_by_its_address(load: Load):
    person = admit_claims(load(), CLAIMS)
    assert (person.owner, person.name, person.email) == ("https://id.example|42", "Ann", "ann@example.com")
    renamed = admit_claims(load(), {**CLAIMS, "email": "bob@example.com"})
    assert renamed.owner == person.owner
    assert admit_claims(load(), {**CLAIMS, "sub": "43"}).owner != person.owner
    assert admit_claims(load(), {**CLAIMS, "iss": "https://other.example"}).owner != person.owner


@pytest.mark.parametrize("missing", ["iss", "sub"])
def test_claims_that_name_nobody_are_refused(load: Load, missing: str):
    with pytest.raises(NotAdmittedError):
        admit_claims(load(), {**CLAIMS, missing: ""})


@pytest.mark.parametrize(
    "claims, role",
    [
        ({}, Role.USER),
        ({"email": "OP@example.com"}, Role.OPERATOR),
        ({"email": "op@example.com", "email_verified": False}, Role.USER),
        ({"groups": ["staff", "orchat"]}, Role.OPERATOR),
        ({"groups": "orchat"}, Role.OPERATOR),
        ({"groups": "orchat-readers"}, Role.USER),
        ({"groups": ["staff"]}, Role.USER),
        ({"name": "op@example.com"}, Role.USER),
    ],
)
def test_operators_are_made_by_the_list_or_the_claim(load: Load, claims: dict[str, Any], role: Role):
    settings = load(ORCHAT_OPERATORS="op@example.com, boss@example.com", ORCHAT_OPERATOR_CLAIM="groups=orchat")
    assert admit_claims(settings, {**CLAIMS, **claims}).role is role


@pytest.mark.parametrize(
    "allowed, email, comes_in",
    [
        ("@example.com", "ann@example.com", True),
        ("@example.com", "ann@sub.example.com", False),
        ("@example.com", "ann@example.com.evil.test", False),
        ("@example.com", "ann@evil.test@example.com", True),
        ("bob@example.com,ann@example.com", "ANN@example.com", True),
        ("bob@example.com", "ann@example.com", False),
        ("@example.com", "", False),
    ],
)
def test_the_list_decides_who_comes_in(load: Load, allowed: str, email: str, comes_in: bool):
    settings = load(ORCHAT_ALLOWED=allowed)
    if comes_in:
        assert admit_claims(settings, {**CLAIMS, "email": email}).owner
    else:
        with pytest.raises(NotAdmittedError, match="not on the list"):
            admit_claims(settings, {**CLAIMS, "email": email})


def test_an_address_that_nobody_has_verified_opens_no_door(load: Load):
    with pytest.raises(NotAdmittedError):
        admit_claims(load(ORCHAT_ALLOWED="@example.com"), {**CLAIMS, "email_verified": False})


def test_a_name_from_the_proxy_and_one_from_a_login_are_never_the_same_owner(load: Load):
    assert admit_name(load(), "https://id.example|42").owner != admit_claims(load(), CLAIMS).owner
    with pytest.raises(NotAdmittedError):
        admit_name(load(), "  ")


def by_login(settings: Settings, name: str) -> Person:
    return admit_claims(settings, {**CLAIMS, "email": name})


BOTH_WAYS_IN = pytest.mark.parametrize("way_in", [by_login, admit_name], ids=["login", "proxy"])
WayIn = Callable[[Settings, str], Person]


@BOTH_WAYS_IN
@pytest.mark.parametrize(
    "allowed, name, role",
    [
        ("", "ann@example.com", Role.USER),
        ("", "OP@example.net", Role.OPERATOR),
        ("", "x-op@example.net", Role.USER),
        ("@example.com", "ann@example.com", Role.USER),
        ("@example.com", "op@example.net", Role.OPERATOR),
        ("@example.com", "ann@sub.example.com", None),
        ("@example.com", "ann@example.com.evil.test", None),
        ("@example.com", "@example.com@evil.test", None),
        ("@example.com", "example.com", None),
        ("bob@example.com,ann@example.com", "ANN@example.com", Role.USER),
        ("bob@example.com", "ann@example.com", None),
        ("bob@example.com", "bob@example.com,ann@example.com", None),
    ],
)
def test_cve_2026_45339_every_way_in_asks_the_same_lists(
    load: Load, way_in: WayIn, allowed: str, name: str, role: Role | None
):
    # Open WebUI: what was forbidden to who came with a token was open to who came with a header.
    settings = load(ORCHAT_ALLOWED=allowed, ORCHAT_OPERATORS="op@example.net")
    if role is not None:
        assert way_in(settings, name).role is role
        return
    with pytest.raises(NotAdmittedError, match="not on the list") as refused:
        way_in(settings, name)
    assert (refused.value.called, refused.value.why) == (name, "not on the list")


def test_cve_2026_45339_a_claim_that_makes_operators_is_none_that_a_proxy_s_name_can_carry(load: Load):
    settings = load(ORCHAT_ALLOWED="ann", ORCHAT_OPERATOR_CLAIM="groups=orchat")
    assert admit_name(settings, "ann").role is Role.USER
    for name in ("groups=orchat", "orchat"):
        with pytest.raises(NotAdmittedError):
            admit_name(settings, name)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_loopback_is_reached_by_this_machine_only(address: str):
    assert not exposed(address)


@pytest.mark.parametrize("address", [None, "0.0.0.0", "::", "192.168.1.5", "chat.example.com", "", "localhost.evil"])
def test_everything_else_may_be_reached_by_others(address: str | None):
    assert exposed(address)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "localhost",
        "LOCALHOST:8501",
        "localhost.",
        "a.localhost",
        "127.0.0.1:8501",
        "[::1]:8501",
        "192.168.1.5",
        "chat.example.org",
        "Chat.Example.org.:443",
    ],
)
def test_a_name_of_this_machine_is_one_that_no_foreign_page_can_have(host: str | None):
    assert is_own_name(host, "https://chat.example.org:8443/x")


@pytest.mark.parametrize(
    "host", ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test", "x@evil.test", "[::1", "chat.example.org.evil"]
)
@pytest.mark.parametrize("public_url", [None, "", "https://chat.example.org"])
def test_every_other_name_may_be_a_foreign_page_s(host: str, public_url: str | None):
    assert not is_own_name(host, public_url)


def test_a_proxy_without_addresses_is_no_setting(load: Load):
    with pytest.raises(SettingsError, match="ORCHAT_PROXY_ADDRESSES"):
        load(ORCHAT_LOGIN="proxy")


def test_a_secret_that_is_too_short_is_refused_and_not_shown(load: Load):
    with pytest.raises(SettingsError, match="ORCHAT_SECRET") as refused:
        load(ORCHAT_SECRET="too-short-a-secret")
    assert "too-short-a-secret" not in str(refused.value)


def test_an_address_that_nobody_has_verified_counts_only_where_the_operator_trusts_the_provider(load: Load):
    claims = {**SAID_NOTHING, "email": "op@example.com"}
    person = admit_claims(load(ORCHAT_OPERATORS="op@example.com"), claims)
    assert (person.role, person.email) == (Role.USER, "")
    with pytest.raises(NotAdmittedError):
        admit_claims(load(ORCHAT_ALLOWED="@example.com"), claims)
    trusting = load(ORCHAT_ALLOWED="", ORCHAT_OPERATORS="op@example.com", ORCHAT_OIDC_TRUST_EMAIL="true")
    assert admit_claims(trusting, claims).role is Role.OPERATOR
    assert admit_claims(trusting, {**claims, "email_verified": False}).role is Role.USER
