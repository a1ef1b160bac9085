"""Login by OpenID Connect over HTTP: what a provider says is checked, and who is not let in sees nothing of a page."""

import base64
import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from itsdangerous import URLSafeTimedSerializer
from joserfc import jwt
from joserfc.jwk import OctKey

from orchat.demo import DemoServer
from orchat.people import Role
from tests.hosting.logging_in import (
    ANN,
    follow,
    is_in,
    is_shown_nothing,
    is_turned_away,
    log_in,
    open_page,
    seen,
)
from tests.hosting.provider import ALGORITHM, CLIENT, PASSWORD, SECRET, LoginProcess, Provider, new_key
from tests.hosting.tab import Tab, value_of

COOKIE = "_streamlit_user"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Iterator[Provider]:
    running.person, running.sign = ANN, running.signed
    yield running
    running.sign = running.signed


@pytest.fixture(scope="module")
def app(demo: DemoServer, running: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoginProcess]:
    with LoginProcess(demo, running, tmp_path_factory.mktemp("oidc")) as app:
        yield app


@pytest.fixture(scope="module")
def strict(demo: DemoServer, running: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoginProcess]:
    """One that lets in those of a domain, and has operators by a claim."""
    settings = {"ORCHAT_ALLOWED": "@example.com", "ORCHAT_OPERATOR_CLAIM": "groups=orchat-operators"}
    with LoginProcess(demo, running, tmp_path_factory.mktemp("strict"), **settings) as app:
        yield app


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as browser:
        yield browser


def test_whom_the_provider_names_is_in(app: LoginProcess, provider: Provider, browser: httpx.Client):
    assert is_shown_nothing(seen(app, browser))
    been = log_in(app, browser)
    assert [urlsplit(address).path for address in been] == ["/auth/login", "/authorize", "/oauth2callback", "/"]
    assert is_in(seen(app, browser))


def by_another_key(_provider: Provider) -> Callable[[dict[str, Any]], str]:
    stranger = new_key()
    return lambda claims: jwt.encode({"alg": ALGORITHM, "kid": "1"}, claims, stranger)


def by_nobody(_provider: Provider) -> Callable[[dict[str, Any]], str]:
    return lambda claims: f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{encoded(claims)}."


def by_nobody_but_named(provider: Provider) -> Callable[[dict[str, Any]], str]:
    """With the signature of another token."""
    return lambda claims: ".".join([*by_nobody(provider)(claims).split(".")[:2], provider.signed(claims).split(".")[2]])


def by_the_clients_secret(_provider: Provider) -> Callable[[dict[str, Any]], str]:
    return lambda claims: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(PASSWORD), algorithms=["HS256"])


def by_the_public_key(provider: Provider) -> Callable[[dict[str, Any]], str]:
    """As if the public key, which everybody has, were a shared secret."""
    public = OctKey.import_key(base64.urlsafe_b64encode(provider.key.as_pem(private=False)).decode())
    return lambda claims: jwt.encode({"alg": "HS256", "kid": "1"}, claims, public, algorithms=["HS256"])


def altered_afterwards(provider: Provider) -> Callable[[dict[str, Any]], str]:
    def sign(claims: dict[str, Any]) -> str:
        header, _, signature = provider.signed({**claims, "sub": "eve"}).split(".")
        return f"{header}.{encoded(claims)}.{signature}"

    return sign


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "by",
    [by_another_key, by_nobody, by_nobody_but_named, by_the_clients_secret, by_the_public_key, altered_afterwards],
    ids=lambda by: by.__name__,
)
def test_a_token_that_the_provider_has_not_signed_lets_nobody_in(
    app: LoginProcess, provider: Provider, browser: httpx.Client, by: Callable[[Provider], Any]
):
    provider.sign = by(provider)
    assert "/oauth2callback" in log_in(app, browser)[2]
    assert is_shown_nothing(seen(app, browser))


LONG_AGO, FAR_AHEAD = 1_700_000_000, 4_000_000_000


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-client"},
        {"aud": ["another-client", "a-third"]},
        {"aud": None},
        {"iss": "https://id.example.org"},
        {"iss": None},
        {"nonce": "of-another-login"},
        {"nonce": None},
        {"iat": LONG_AGO, "exp": LONG_AGO + 600},
        {"exp": None},
        {"nbf": FAR_AHEAD},
        {"sub": None},
        {"azp": "another-client"},
    ],
    ids=json.dumps,
)
def test_a_token_for_somebody_or_something_else_lets_nobody_in(
    app: LoginProcess, provider: Provider, browser: httpx.Client, claims: dict[str, Any]
):
    provider.person = {**ANN, **claims}
    assert "/oauth2callback" in log_in(app, browser)[2]
    assert is_shown_nothing(seen(app, browser))


@pytest.mark.parametrize("audience", ["another-client", ["another-client", "a-third"]], ids=json.dumps)
def test_a_token_for_another_application_lets_nobody_in_though_it_was_asked_for_by_this_one(
    app: LoginProcess, provider: Provider, browser: httpx.Client, audience: str | list[str]
):
    provider.person = {**ANN, "aud": audience, "azp": CLIENT}
    log_in(app, browser)
    is_turned_away(seen(app, browser), "is meant for another application")
    provider.person = {**ANN, "aud": ["another-client", CLIENT], "azp": CLIENT}
    with httpx.Client(timeout=30) as other:
        log_in(app, other)
        assert is_in(seen(app, other))


def test_a_code_is_good_for_one_login_and_for_one_browser(app: LoginProcess, provider: Provider, browser: httpx.Client):
    back = log_in(app, browser)[2]
    assert is_in(seen(app, browser))
    with httpx.Client(timeout=30) as other:
        # In a browser that has asked for nothing, and in one that has asked for another login.
        follow(other, back)
        assert is_shown_nothing(seen(app, other))
        code = parse_qs(urlsplit(back).query)["code"][0]
        log_in(app, other, lambda address: changed(address, code=code))
        assert is_shown_nothing(seen(app, other))


def changed(address: str, **query: str) -> str:
    """The address with other values, where it is the one that the provider sends back to."""
    parts = urlsplit(address)
    if parts.path != "/oauth2callback":
        return address
    known = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return parts._replace(query=urlencode({**known, **query})).geturl()


@pytest.mark.parametrize("state", ["made-up", ""])
def test_a_login_that_this_browser_has_not_begun_lets_nobody_in(
    app: LoginProcess, provider: Provider, browser: httpx.Client, state: str
):
    log_in(app, browser, lambda address: changed(address, state=state))
    assert is_shown_nothing(seen(app, browser))


def test_a_login_that_another_browser_has_begun_lets_nobody_in(
    app: LoginProcess, provider: Provider, browser: httpx.Client
):
    """Otherwise one could make others use one's own account."""
    begun: list[str] = []

    def keep(address: str) -> str:
        if urlsplit(address).path != "/oauth2callback":
            return address
        begun.append(address)
        return f"{app.url}/"

    with httpx.Client(timeout=30) as stranger:
        log_in(app, stranger, keep)
    log_in(app, browser, lambda address: begun[0] if "/oauth2callback" in address else address)
    assert is_shown_nothing(seen(app, browser))


def cookie(app: LoginProcess, secret: str, **claims: Any) -> str:
    """The cookie of a login as Streamlit would make it with that secret."""
    said = {"iss": "x", "sub": "ann", **ANN, "origin": app.url, "is_logged_in": True, "provider": "default", **claims}
    return str(URLSafeTimedSerializer(secret, salt=COOKIE).dumps(json.dumps(said)))


def with_cookie(app: LoginProcess, browser: httpx.Client, value: str) -> Tab:
    browser.cookies.clear()
    open_page(app, browser)
    browser.cookies.set(COOKIE, value)
    return seen(app, browser)


def test_a_cookie_lets_in_whoever_the_process_has_given_it_to_and_nobody_who_has_made_or_altered_one(
    app: LoginProcess, provider: Provider, browser: httpx.Client
):
    log_in(app, browser)
    [given] = [value_of(one) for one in browser.cookies.jar if one.name == COOKIE]
    assert is_in(with_cookie(app, browser, given))
    payload, stamp, signature = given.rsplit(".", 2)
    forged = [
        cookie(app, "a guess"),
        cookie(app, SECRET),
        cookie(app, ""),
        ".".join([cookie(app, "a guess", sub="eve").rsplit(".", 2)[0], stamp, signature]),
        f"{payload[:-2]}{'AA' if payload[-2:] != 'AA' else 'BB'}.{stamp}.{signature}",
        f"{payload}.{stamp}.{signature[:-2]}{'AA' if signature[-2:] != 'AA' else 'BB'}",
        payload,
        json.dumps({**ANN, "is_logged_in": True}).replace('"', "'").replace(",", " "),
        "",
    ]
    for value in forged:
        assert is_shown_nothing(with_cookie(app, browser, value)), value
    # The forgery is one in nothing but its secret.
    own = sha256(f"login {SECRET}".encode()).hexdigest()
    assert is_in(with_cookie(app, browser, cookie(app, own, iss=provider.issuer, aud="orchat")))


def test_a_cookie_of_another_site_or_another_name_lets_nobody_in(
    app: LoginProcess, provider: Provider, browser: httpx.Client
):
    own = sha256(f"login {SECRET}".encode()).hexdigest()
    assert is_shown_nothing(with_cookie(app, browser, cookie(app, own, aud="orchat", origin="https://example.org")))
    assert is_shown_nothing(with_cookie(app, browser, str(URLSafeTimedSerializer(own, salt="other").dumps("{}"))))


@pytest.mark.parametrize(
    "person",
    [
        {"sub": "eve", "name": "Eve", "email": "eve@example.org", "email_verified": True},
        {"sub": "eve", "name": "Eve", "email": "eve@example.com", "email_verified": False},
        {"sub": "eve", "name": "eve@example.com"},
        {"sub": "eve", "name": "Eve", "email": "eve@example.com.example.org", "email_verified": True},
        {"sub": "eve", "name": "Eve", "email": "eve@example.org", "groups": ["users", "not-orchat-operators"]},
    ],
    ids=["another domain", "unverified", "only a name", "a longer domain", "another group"],
)
def test_who_is_not_on_the_list_is_told_so_and_sees_nothing(
    strict: LoginProcess, provider: Provider, browser: httpx.Client, person: dict[str, Any]
):
    provider.person = person
    log_in(strict, browser)
    is_turned_away(seen(strict, browser), "is not on the list of those who may come in")
    with strict.store as store:
        assert [known for known in store.everybody() if known.owner.endswith("|eve")] == []


def test_who_is_on_the_list_is_in_and_the_claim_makes_an_operator(
    strict: LoginProcess, provider: Provider, browser: httpx.Client
):
    provider.person = ANN
    log_in(strict, browser)
    assert is_in(seen(strict, browser))
    provider.person = {"sub": "olga", "name": "Olga", "email": "olga@example.org", "groups": ["orchat-operators"]}
    with httpx.Client(timeout=30) as other:
        log_in(strict, other)
        assert is_in(seen(strict, other), "Olga")
    with strict.store as store:
        roles = {known.name: known.role for known in store.everybody()}
    assert roles == {"Ann Example": Role.USER, "Olga": Role.OPERATOR}
