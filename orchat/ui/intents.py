"""Intents: what a click or Enter asks for, kept until it is in the store."""

from dataclasses import dataclass

from orchat.agent.ask import Decision


@dataclass(frozen=True, slots=True)
class Send:
    """Say something new below the shown branch."""

    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Say something else in place of an earlier message."""

    message_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Answer a question again."""

    question_id: str


@dataclass(frozen=True, slots=True)
class Decide:
    """Go on after decisions about the calls of the message that waits."""

    message_id: str
    decisions: tuple[Decision, ...]


Intent = Send | Edit | Retry | Decide
