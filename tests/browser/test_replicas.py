"""Two replicas on one PostgreSQL: what one of them answers is seen and stopped on the page of the other."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from orchat.demo import DemoServer
from orchat.store import Store
from tests.browser.app_process import OWNER, AppProcess
from tests.browser.chat_page import PATIENCE, Chat, until
from tests.store.conftest import fresh_schema, postgresql

pytestmark = pytest.mark.browser
__all__ = ["postgresql"]
OTHERS_NOTICE_WITHIN = 30.0


@pytest.fixture
def replicas(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[AppProcess]]:
    for url in fresh_schema(postgresql):
        with DemoServer(speed=0.5) as demo:
            folders = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
            apps = [AppProcess(demo, folder, ORCHAT_DATABASE_URL=url) for folder in folders]
            with apps[0], apps[1]:
                yield apps


def tab_on(browser: Any, app: AppProcess) -> Chat:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    return Chat(page, app, Store.open(app._settings["ORCHAT_DATABASE_URL"]))


def test_the_other_replica_shows_the_answer_live_stops_it_and_goes_on_when_one_is_killed(
    browser: Any, replicas: list[AppProcess]
) -> None:
    first, second = (tab_on(browser, app) for app in replicas)
    settings = {"model": "demo/long", "auto": False}
    with first.store, second.store:
        chat = first.store.create_conversation(OWNER, settings=settings).id
        first.go(f"/?chat={chat}").ready().send("Explain rainbows").streaming()
        second.go(f"/?chat={chat}").streaming()
        second.grown(second.grown(0) + 100)
        assert first.stop.is_visible()
        second.stop.click()
        for tab in (first, second):
            expect(tab.stop).to_have_count(0, timeout=PATIENCE)
        answer = second.store.branch(OWNER, chat)[-1]
        assert answer.state == "stopped"
        # The last word that is no Markdown: a stop may come in the middle of a link.
        assert [word for word in answer.text.split() if word.isalpha()][-1] in second.answer.inner_text()

        second.ready().send("Once more").streaming()
        first.go(f"/?chat={chat}").streaming()
        replicas[1].kill()
        until(lambda: first.store.branch(OWNER, chat)[-1].state == "cut_off", OTHERS_NOTICE_WITHIN)
        expect(first.stop).to_have_count(0, timeout=PATIENCE)
        first.ready().press("Regenerate")
        first.streaming()
        first.stop.click()
        until(lambda: first.store.branch(OWNER, chat)[-1].state == "stopped")
