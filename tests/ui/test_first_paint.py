"""The box to write in comes first: it waits for nothing that a new process has to load."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.ui.chat_app import ChatApp, words

ROOT = Path(__file__).parents[2]
LATER = ("sqlalchemy", "alembic", "httpx", "orchat.services", "markdown_it", "langchain_core")


def test_what_draws_the_box_loads_neither_database_nor_http_client():
    program = "import sys, orchat.ui.frame; print(*(name for name in sys.argv[1:] if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program, *LATER], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_box_is_there_also_when_the_database_cannot_be_reached(start: Callable[..., ChatApp]):
    app = start(ORCHAT_DATABASE_URL="postgresql+psycopg://127.0.0.1:1/none")
    assert app.page.chat_input(key="prompt").placeholder == "Write a message"
    assert "ORCHAT_DATABASE_URL" in words(app.page.main).replace("\\", "")


def test_nobody_gets_a_box_while_it_is_not_known_who_may_come_in(start: Callable[..., ChatApp]):
    app = start(ORCHAT_IDLE_TIMEOUT="soon")
    assert "ORCHAT_IDLE_TIMEOUT" in words(app.page.main).replace("\\", "")
    assert not app.page.chat_input
