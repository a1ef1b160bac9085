"""The pages under Streamlit's AppTest, with what a person does there as methods."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, ChatMessage, Metric

from orchat.demo import DemoServer
from orchat.runs import Run
from orchat.services import Services
from orchat.store import Message, Store
from orchat.ui import compare_picker, options_panel, resources
from tests import waiting

ENTRY = Path(__file__).parents[2] / "streamlit_app.py"
OWNER = "local"


class ChatApp:
    """One browser tab, its server, and the embedded OpenRouter behind it."""

    def __init__(self, demo: DemoServer) -> None:
        self.demo = demo
        self.panels_open = True
        self.page = AppTest.from_file(ENTRY, default_timeout=30)

    def open(self, *, page: str | None = None, **query: str) -> "ChatApp":
        """Go to an address in a new tab."""
        self.page = AppTest.from_file(ENTRY, default_timeout=30)
        for name, value in query.items():
            self.page.query_params[name] = value
        self.run()
        if page:
            self.page.switch_page(page)
            self.run()
        return self

    def run(self) -> None:
        # AppTest cannot press them; what is in a closed one is not drawn.
        for panel in (options_panel.PANEL, compare_picker.PANEL):
            self.page.session_state[panel] = self.panels_open
        self.page.run()
        assert [problem.message for problem in self.page.exception] == []

    def send(self, text: str) -> Message:
        """Say something, wait for the whole answer, and return it."""
        self.page.chat_input(key="prompt").set_value(text)
        self.run()
        return self.settled()

    def ask_agent(self, *script: str) -> Message:
        """Let the scripted model do these lines, and return the last message."""
        return self.send("\n".join(script))

    @property
    def waiting(self) -> str:
        """The id of the message that waits for approval."""
        assert self.branch[-1].state == "waiting"
        return self.branch[-1].id

    def press(self, key: str) -> None:
        self.page.button(key=key).click()
        self.run()

    def field(self, name: str) -> str:
        """The key of a field that shows what is set."""
        return f"{name}-{self.session.edition}"

    def submit(self, label: str) -> None:
        """Press a form's button."""
        next(button for button in self.page.button if button.label == label and button.form_id).click()
        self.run()

    def switch(self, key: str, on: bool) -> None:
        self.page.toggle(key=key).set_value(on)
        self.run()

    def choose_model(self, model: str) -> None:
        self.switch("auto", False)
        self.page.selectbox(key="model").set_value(model)
        self.run()

    def menu(self, chat: str, entry: str) -> None:
        self.page.menu_button(key=f"menu-{chat}").set_value(entry)
        self.run()

    def settled(self) -> Message:
        """Wait until title, cost and credits are known too, and return the last message of the branch."""
        run = self.running
        assert run is not None
        assert run.settled.wait(20)
        connection = self.services.connection(self.session.key)
        until(lambda: not connection.account.pending)
        self.run()
        return self.branch[-1]

    @property
    def services(self) -> Services:
        return resources.services()

    @property
    def store(self) -> Store:
        return self.services.store

    @property
    def session(self) -> Any:
        return self.page.session_state["session"]

    @property
    def chat(self) -> str:
        """The id of the open chat."""
        return str(self.session.conversation_id)

    @property
    def running(self) -> Run | None:
        return self.services.runs.find(OWNER, self.chat)

    @property
    def branch(self) -> list[Message]:
        return self.store.branch(OWNER, self.chat)

    @property
    def questions(self) -> list[ChatMessage]:
        return [message for message in self.page.chat_message if message.name == "user"]

    @property
    def answers(self) -> list[ChatMessage]:
        return [message for message in self.page.chat_message if message.name == "assistant"]

    @property
    def quiet_line(self) -> str:
        """The line under the last answer."""
        return next(line for line in words(self.answers[-1]).split("\n") if " · " in line)

    @property
    def credits(self) -> Metric:
        return self.page.metric[0]

    @property
    def sidebar(self) -> str:
        return words(self.page.sidebar)

    def buttons(self, label: str) -> list[str]:
        """The keys of the buttons with this label."""
        return [str(button.key) for button in self.page.button if button.label == label]

    def asked(self) -> list[dict[str, Any]]:
        """The bodies of the requests for answers."""
        return [body for body in self.inferences() if "session_id" in body]

    def inferences(self) -> list[dict[str, Any]]:
        """The bodies of all requests that a model answered, those for titles among them."""
        return [request.body for request in self.demo.requests if request.path.endswith("/chat/completions")]


def words(block: Block) -> str:
    """All text in a part of the page."""
    kinds = ("markdown", "caption", "title", "info", "warning", "error", "code", "text")
    return "\n".join(str(element.value) for kind in kinds for element in block.get(kind))  # type: ignore[union-attr]


def until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Wait for something that happens in the background."""
    waiting.until(condition, seconds)
