"""Intents: what a click or Enter asked for, until it is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from orchat.agent.ask import Decision

if TYPE_CHECKING:
    from orchat.agent.hand import HandCall
    from orchat.forecast import Forecast


RECORDING = "recording.wav"
"""What is called a file that the box has recorded."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was put into the box; its name is whatever the browser says."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Send:
    """Say something new below the shown branch."""

    text: str
    files: tuple[Upload, ...] = ()


def sent(value: Any, held: tuple[Upload, ...]) -> Send:
    """Return what was written in the box, and put into it: text, or Streamlit's text with files; `held` come first."""
    if isinstance(value, str):
        return Send(value, held)
    recorded = getattr(value, "audio", None)
    spoken = (Upload(RECORDING, recorded.getvalue()),) if recorded is not None else ()
    return Send(value.text, held + tuple(Upload(file.name, file.getvalue()) for file in value.files) + spoken)


@dataclass(frozen=True, slots=True)
class Edit:
    """Say something else in place of an earlier message."""

    message_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Answer a question again, with another model if one is named."""

    question_id: str
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Continue:
    """Go on with an answer that was cut."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Decide:
    """Go on after decisions about the calls of the message that waits."""

    message_id: str
    decisions: tuple[Decision, ...]


Intent = Send | Edit | Retry | Continue | Decide


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What a person asked for and has to confirm, since it may cost much."""

    intent: Send | Edit | Retry | Continue
    forecast: Forecast


Deciding = Literal["edit", "deny"]


@dataclass(frozen=True, slots=True)
class PresetView:
    """What the dialog of the presets shows: the list, or the form of one (empty: a new one)."""

    editing: str | None = None
    deleted: tuple[str, str] | None = None
    """Id and name of what was deleted last: that can be undone."""
    problem: str = ""


SHOWN = 40
"""Messages that are drawn of a chat, and how many more each time that somebody wants to see earlier ones."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a long chat that is drawn: so many messages up to one of them, or to the end."""

    conversation_id: str | None = None
    last_id: str | None = None
    most: int = SHOWN


@dataclass(frozen=True, slots=True)
class Removed:
    """Chats that are out of the list: `said` tells what was done to them, and it can be undone."""

    said: str
    conversation_ids: tuple[str, ...]
    archived: bool = False
    """Whether they were put away, and not deleted."""


@dataclass(slots=True)
class Cell:
    """Code that a person runs themselves; `call` is its run, once there is one."""

    conversation_id: str
    code: str
    call: HandCall | None = None
    problem: dict[str, Any] | None = None
    """Why it could not be run."""
