"""The agent's transcript: questions, and below each one turn with all its steps."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from orchat.openrouter import Catalogue
from orchat.store import Message
from orchat.ui import approval_card, transcript
from orchat.ui.steps import ToolLine
from orchat.ui.transcript import Alternatives
from orchat.ui.wording import money, plain

AVATAR = ":material/smart_toy:"


def draw(messages: Sequence[Message], alternatives: Alternatives, catalogue: Catalogue, *, busy: bool) -> None:
    """Draw a branch; while a turn is on its way (`busy`) nothing can be asked for."""
    for turn in turns(messages):
        if turn[0].role == "user":
            transcript.draw(turn, alternatives, catalogue, busy=busy)
        else:
            steps, below = places()
            with steps:
                draw_steps(turn)
            with below.container():
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


def draw_steps(steps: Sequence[Message]) -> None:
    """Draw what the agent did."""
    for step in steps:
        if step.role == "tool":
            details = {**(step.details or {})}
            if step.state in ("streaming", "cut_off"):
                details["status"] = "stopped"
            content = step.wire.get("content")
            shown = content if isinstance(content, str) else step.text
            ToolLine(details).end(details, shown, step.duration_ms, step.id)
        else:
            transcript.draw_content(step)
            if step.wire.get("tool_calls"):
                step_cost(step.cost)


def step_cost(cost: Decimal | None) -> None:
    """Draw what the model's part of a step has cost."""
    st.caption(plain(f"Model call: {money(cost) if cost is not None else 'cost unknown'}"))


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
    transcript.footer(_summed(turn), alternatives, catalogue, busy=busy, question_id=turn[0].parent_id)


def _summed(turn: Sequence[Message]) -> Message:
    answers = [message for message in turn if message.role == "assistant"] or [turn[-1]]
    final, costs = answers[-1], [message.cost for message in answers if message.cost is not None]
    durations = [message.duration_ms for message in turn if message.duration_ms is not None]
    return replace(
        final,
        parent_id=turn[0].parent_id,
        # Unknown for one step is unknown for the turn.
        cost=sum(costs[1:], costs[0]) if costs and len(costs) == len(answers) else None,
        first_token_ms=None,
        duration_ms=sum(durations) if durations else None,
        model_answered=final.model_answered or next((m.model_answered for m in answers if m.model_answered), None),
    )
