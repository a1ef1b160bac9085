"""A replica as a process of its own that answers in a chat: `python -m tests.relay.replica CHAT MODEL`."""

import sys

from orchat.events import TextDelta
from orchat.services import Services
from orchat.settings import Settings
from orchat.turn import Ask

OWNER = "ann"


def tell(value: object) -> None:
    """Say something to whoever has started this process."""
    sys.stdout.write(f"{value}\n")
    sys.stdout.flush()


def main(chat: str, model: str) -> None:
    """Ask, and tell how long the answer is, again and again, until the end of it and of the input."""
    services = Services(Settings.load())
    question = services.chats.say(OWNER, chat, "Go on for long", None)
    run = services.ask(OWNER, question, Ask(model), services.connection())
    length = 0
    for batch in run.follow():
        length += sum(len(event.text) for event in batch if isinstance(event, TextDelta))
        tell(length)
    run.settled.wait(20)
    tell(run.state)
    sys.stdin.read()
    services.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
