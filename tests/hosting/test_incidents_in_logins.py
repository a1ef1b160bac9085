"""What has happened to others with logins, tried over HTTP. Each test names the incident."""

from collections.abc import Iterator

import httpx
import pytest

from orchat.demo import DemoServer
from tests.hosting.logging_in import ANN, is_in, is_shown_nothing, log_in, seen
from tests.hosting.provider import LoginProcess, Provider
from tests.hosting.tab import value_of

BOB = {"sub": "bob", "name": "Bob Example", "email": "bob@example.com", "email_verified": True}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


def test_chainlit_2_10_1_signing_out_leaves_the_next_person_nothing_and_a_kept_cookie_ends_by_locking_out(
    demo: DemoServer, provider: Provider, tmp_path_factory: pytest.TempPathFactory
):
    # Chainlit: a session was restored without asking whose it was.
    provider.person = ANN
    with LoginProcess(demo, provider, tmp_path_factory.mktemp("logins")) as app, httpx.Client(timeout=30) as browser:
        log_in(app, browser)
        assert is_in(seen(app, browser))
        kept = {one.name: value_of(one) for one in browser.cookies.jar}
        with app.store as store:
            owner = f"{provider.issuer}|ann"
            store.rename(owner, store.create_conversation(owner).id, "The secret of Ann")
        browser.get(f"{app.url}/auth/logout")
        assert is_shown_nothing(seen(app, browser))
        provider.person = BOB
        log_in(app, browser)
        tab = seen(app, browser)
        assert is_in(tab, "Bob Example")
        assert "Ann" not in tab.text
        with httpx.Client(timeout=30, cookies=kept) as thief:
            # Streamlit's cookie is signed and kept nowhere: it is good until it is too old.
            assert is_in(seen(app, thief))
            with app.store as store:
                store.block(owner, blocked=True)
            assert "locked out" in seen(app, thief).text
