import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from orchat.demo import DemoServer
from orchat.ui.chat_page import STARTERS
from tests.demo.conftest import Client

QUESTIONS = [question for *_, question in STARTERS]
EXPLANATION, CODE, COMPARISON = QUESTIONS


def title_of(client: Client, question: str) -> str:
    instruction = "Word a title for this conversation."
    messages = [{"role": "system", "content": instruction}, {"role": "user", "content": f"user: {question}"}]
    return client.text("openai/gpt-4.1", messages)


def blocks(text: str) -> str:
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


def softmax_shares(text: str) -> list[list[str]]:
    rows = re.findall(r"^\| \w+ \| (\d) \| (\d+) % \| (\d+) % \| (\d+) % \|$", text, re.MULTILINE)
    return [list(column) for column in zip(*rows, strict=True)]


def test_the_code_of_the_second_starter_passes_its_own_tests(client: Client, tmp_path: Path):
    written = tmp_path / "test_intervals.py"
    written.write_text(blocks(client.text("openai/gpt-4.1", CODE)), "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", str(written)]
    # Without the plugins of this environment, whose imports take longer than the test.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # noqa: TID251 - what the child inherits
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "7 passed" in done.stdout, done.stdout


def test_the_probabilities_of_the_first_starter_are_those_of_softmax(client: Client):
    logits, *columns = softmax_shares(client.text("openai/gpt-4.1", EXPLANATION))
    for temperature, shares in zip((0.5, 1, 2), columns, strict=True):
        powers = [2.718281828 ** (int(logit) / temperature) for logit in logits]
        assert shares == [f"{100 * power / sum(powers):.0f}" for power in powers]


def test_the_third_starter_is_a_table_about_the_two(client: Client):
    text = client.text("openai/gpt-4.1", COMPARISON)
    assert "| | SQLite | PostgreSQL |" in text
    assert text.count("\n| **") >= 8


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_starter_says_that_it_is_simulated_and_has_a_title_of_its_own(client: Client, question: str):
    assert client.text("openai/gpt-4.1", question).startswith("*Simulated reply")
    title = title_of(client, question)
    assert 2 <= len(title.split()) <= 6
    assert not question.startswith(title)


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Write a long essay about the history of tea", "History of tea"),
        ("Write me a very long essay about the tides, in ten sections", "Tides"),
        ("An essay of 2000 words on Kant", "Kant"),
        ("Draft an e-mail to my landlord about the broken heating", "E-mail to my landlord"),
        ("I have a problem with my docker container, it does not start", "I have a problem"),
        ("Calculate 17 * 23 + 4", "17 * 23 + 4"),
        ("Long division, step by step", "Long division, step by step"),
    ],
)
def test_a_title_names_the_subject_and_not_the_request(client: Client, question: str, title: str):
    assert title_of(client, question) == title


def test_a_piece_is_about_its_subject(client: Client):
    assert "## The history of tea\n" in client.text("openai/gpt-4.1", "Write a long essay about the history of tea")
    letter = client.text("openai/gpt-4.1", "Draft an e-mail to my landlord about the broken heating")
    assert "a short note about the broken heating." in letter


def test_another_question_about_the_same_things_gets_no_starter(client: Client):
    assert "FTS5" not in client.text("openai/gpt-4.1", "Write a script that moves SQLite tables to PostgreSQL")


def test_without_recording_nothing_is_kept_of_what_was_asked():
    with DemoServer(speed=0, record=False) as demo, Client(demo) as client:
        assert client.ask("openai/gpt-4.1", "Remember this").status_code == 200
        assert client.get("/models").headers["access-control-allow-origin"] == "*"
        assert demo.requests == []
