"""A process under load, to be killed: `python -m tests.faults.talkers`. It tells what it acknowledges."""

import sys
import threading

from orchat.connections import Connection
from orchat.services import Services
from orchat.settings import Settings
from orchat.turn import Ask

AT_ONCE = 12
OWNERS = ("ann", "bob", "cleo")


def main() -> None:
    """Talk in many chats at once until killed."""
    services = Services(Settings.load())
    connection = services.connection()
    threads = [threading.Thread(target=talk, args=(services, connection, number)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        # A main thread that ends takes the loop's workers with it.
        thread.join()


def talk(services: Services, connection: Connection, number: int) -> None:
    """Go on in one chat after the other; tell of each question that is kept and of each answer that has ended."""
    owner = OWNERS[number % len(OWNERS)]
    while True:
        chat, above = services.store.create_conversation(owner).id, None
        for turn in range(4):
            question = services.chats.say(owner, chat, f"Question {turn} of {number}", above)
            tell("asked", owner, chat, question.id)
            run = services.ask(owner, question, Ask("demo/fast"), connection)
            run.finished.wait(60)
            above = run.turn.message_id
            tell(run.state, owner, chat, above)


def tell(*words: str) -> None:
    """Acknowledge something, in one write."""
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    threading.stack_size(512 * 1024)
    main()
