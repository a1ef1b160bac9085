"""The agent's transcript: questions, and below each one turn with all its steps."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from orchat.agent.cells import code_of
from orchat.openrouter import Catalogue
from orchat.store import Message
from orchat.ui import approval_card, cell_dialog, source_chips, transcript
from orchat.ui.source_chips import Known
from orchat.ui.steps import draw_ended, took
from orchat.ui.transcript import Alternatives
from orchat.ui.wording import money, plain

AVATAR = ":material/smart_toy:"


def draw(messages: Sequence[Message], alternatives: Alternatives, catalogue: Catalogue, *, busy: bool) -> None:
    """Draw a branch; while a turn is on its way (`busy`) nothing can be asked for."""
    parts = list(turns(messages))
    for turn, known in zip(parts, source_chips.of_turns(parts), strict=True):
        if turn[0].role == "user":
            transcript.draw(turn, alternatives, catalogue, busy=busy)
        else:
            steps, below = places()
            with steps:
                cited = draw_steps(turn, known, busy=busy)
            with below.container():
                if turn[-1].state == "done":
                    source_chips.draw(cited, known, conversation_id=turn[0].conversation_id, key=turn[0].id)
                _below(turn, alternatives, catalogue, busy=busy, last=turn[-1] is messages[-1])


def places() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Draw an empty turn; return the place of its steps, and the one of what stands below them.

    A turn that is over and one that goes on have the same two places: what one has and the other has not would stay
    on the page, faded, until the script run ends.
    """
    with st.chat_message("assistant", avatar=AVATAR):
        return st.container(), st.empty()


def turns(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Yield a branch in parts: each question by itself, and all that the agent did about it together."""
    part: list[Message] = []
    for message in messages:
        if part and (message.role == "user" or part[-1].role == "user"):
            yield part
            part = []
        part.append(message)
    if part:
        yield part


def unfinished(messages: Sequence[Message]) -> list[Message]:
    """Return the steps after the last question."""
    last = list(turns(messages))[-1:]
    return last[0] if last and last[0][0].role != "user" else []


def citable(messages: Sequence[Message]) -> Known | None:
    """Return what the turn that goes on below these messages may cite so far."""
    begun = unfinished(messages)
    return source_chips.of_turns([*turns(messages[: len(messages) - len(begun)]), begun])[-1]


def draw_steps(steps: Sequence[Message], known: Known | None, *, busy: bool) -> list[int]:
    """Draw what the agent did; unless it is at work (`busy`), code that ran can be run again.

    Returns the numbers of the sources that are cited in it.
    """
    cited: list[int] = []
    for step in steps:
        if step.role == "tool":
            details = {**(step.details or {})}
            if step.state in ("streaming", "cut_off"):
                details["status"] = "stopped"
            # An approval adds words for the model to what the tool said.
            content = details.get("said") or step.wire.get("content")
            shown = content if isinstance(content, str) else step.text
            line = draw_ended(details, shown, step.duration_ms, step.id)
            code = code_of(step)
            if code is not None and not busy and details.get("status") != "denied":
                with line.inside:
                    cell_dialog.buttons(step.conversation_id, code, key=step.id)
        else:
            cited += transcript.draw_content(step, known)
            if step.wire.get("tool_calls"):
                step_line(step.cost, step.duration_ms)
    return list(dict.fromkeys(cited))


def step_line(cost: Decimal | None, duration_ms: int | None) -> None:
    """Draw what the model's part of a step has taken."""
    spent = money(cost) if cost is not None else "cost unknown"
    st.caption(plain(" · ".join(["Model call", *took(duration_ms), spent])))


def _below(
    turn: Sequence[Message], alternatives: Alternatives, catalogue: Catalogue, *, busy: bool, last: bool
) -> None:
    final = turn[-1]
    if final.state == "waiting" and last and not busy:
        approval_card.draw(final)
        return
    if final.state == "waiting":
        st.caption("What waited for approval here was not carried out.")
    # One line for the whole turn: its answer's model, and what all steps took together.
    transcript.footer(
        _summed(turn), alternatives, catalogue, busy=busy, question_id=turn[0].parent_id, more=_counts(turn), turn=turn
    )


def _summed(turn: Sequence[Message]) -> Message:
    answers = _asked(turn) or [turn[-1]]
    final, costs = answers[-1], [message.cost for message in answers if message.cost is not None]
    return replace(
        final,
        # The other versions of a turn are those of its first step.
        id=turn[0].id,
        parent_id=turn[0].parent_id,
        state=next((step.state for step in turn if step.state in ("stopped", "cut_off")), turn[-1].state),
        # Unknown for one step is unknown for the turn.
        cost=sum(costs[1:], costs[0]) if costs and len(costs) == len(answers) else None,
        prompt_tokens=_sum(message.prompt_tokens for message in answers),
        completion_tokens=_sum(message.completion_tokens for message in answers),
        first_token_ms=None,
        model_answered=final.model_answered or next((m.model_answered for m in answers if m.model_answered), None),
    )


def _asked(turn: Sequence[Message]) -> list[Message]:
    """Return the model's messages but those that only say why it was not asked again."""
    answers = [message for message in turn if message.role == "assistant"]
    return [message for message in answers if message.model_answered or not message.error]


def _sum(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _counts(turn: Sequence[Message]) -> list[str]:
    """Say how often the model was asked and tools were called, and how long all of it took."""
    calls, asked = sum(message.role == "tool" for message in turn), len(_asked(turn))
    if not calls:
        return []
    return [
        f"{asked} model {'call' if asked == 1 else 'calls'}",
        f"{calls} tool {'call' if calls == 1 else 'calls'}",
        *took(_duration(turn)),
    ]


def _duration(turn: Sequence[Message]) -> int | None:
    """Return how long the turn was at work; calls that were made together ran side by side."""
    steps: list[list[int | None]] = []
    for message in turn:
        if message.role == "assistant" or not steps:
            steps += [[message.duration_ms], []]
        else:
            steps[-1].append(message.duration_ms)
    return _sum(max(filter(None, step), default=None) for step in steps)
