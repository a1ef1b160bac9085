"""The queue as those who wait in it see it: how many answers come before theirs, and that they become fewer."""

from contextlib import ExitStack
from pathlib import Path

from orchat.demo import DemoServer
from tests.browser.app_process import AppProcess
from tests.hosting.conftest import HOSTED
from tests.hosting.tab import Tab

SETTINGS = {
    "ORCHAT_LOGIN": "proxy",
    "ORCHAT_PROXY_ADDRESSES": "127.0.0.1",
    "ORCHAT_RUNS_AT_ONCE": "1",
    "ORCHAT_DEFAULT_MODEL": "demo/silent",
    "ORCHAT_TITLE_MODEL": "none",
}
NEXT = "you are next"
ONE_BEFORE = "1 answer comes before yours"
ASKED = "Waiting for the provider"


def test_who_waits_reads_how_many_come_before_them_and_that_they_become_fewer(demo: DemoServer, tmp_path: Path):
    with ExitStack() as opened:
        app = opened.enter_context(AppProcess(demo, tmp_path, entry=HOSTED, **SETTINGS))

        def tab(name: str) -> Tab:
            tab = opened.enter_context(Tab(app.url, headers={"X-Forwarded-User": name}))
            assert name in tab.draw()
            return tab

        first, second, waiting = tab("ann"), tab("ann"), tab("bob")
        first.say_until("Which is answered", ASKED)
        second.say_until("Which waits", NEXT)
        waiting.say_until("Which waits longer", ONE_BEFORE)
        assert NEXT not in waiting.text
        assert ASKED not in waiting.text

        first.press("Stop")
        waiting.until(NEXT)
        second.until(ASKED)
        assert ASKED not in waiting.text

        second.press("Stop")
        waiting.until(ASKED)
        # In this order, and nothing in between was left out.
        assert waiting.text.index(ONE_BEFORE) < waiting.text.index(NEXT) < waiting.text.index(ASKED)
        waiting.press("Stop")
