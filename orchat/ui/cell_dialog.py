"""Running a cell by hand: again or edited, in the same session as the agent's, watched and stopped in a dialog."""

import time
from typing import TYPE_CHECKING

import streamlit as st

from orchat.agent.cells import RUN_PYTHON
from orchat.errors import OrchatError
from orchat.terminal import readable
from orchat.turn import describe
from orchat.ui import artifacts, error_card, resources, session
from orchat.ui.intents import Cell
from orchat.ui.wording import plain

if TYPE_CHECKING:
    from orchat.agent.hand import HandCall

CODE = "cell-code"
SHOWN, TOLD = 20_000, 4_000
OUTCOMES = {"ok": "Done", "error": "Failed", "timeout": "Took too long", "stopped": "Stopped"}


def buttons(conversation_id: str, code: str, *, key: str) -> None:
    """Draw the two buttons of a cell that has run."""
    with st.container(horizontal=True, gap="small"):
        for label, icon, at_once in (("Run again", "replay", True), ("Edit and run", "edit", False)):
            st.button(
                label,
                key=f"{icon}-cell-{key}",
                icon=f":material/{icon}:",
                type="tertiary",
                on_click=_open,
                args=(conversation_id, code, at_once),
            )


def draw_if_wanted() -> None:
    """Draw the dialog while it is open."""
    if session.current().cell is not None:
        _dialog()


def _open(conversation_id: str, code: str, at_once: bool) -> None:
    session.current().cell = Cell(conversation_id, code)
    session.set_widget(CODE, value=code)
    if at_once:
        _run()


def _run() -> None:
    current = session.current()
    cell = current.cell
    assert cell is not None
    cell.code, cell.problem = session.widget_value(CODE) or "", None
    services, connection = resources.services(), resources.connection()
    try:
        services.limits.check_rate(current.owner)
        cell.call = services.call_tool(current.owner, cell.conversation_id, RUN_PYTHON, {"code": cell.code}, connection)
    except OrchatError as error:
        # In the dialog: what a callback raises is drawn by nobody.
        cell.problem = describe(error)


def _close() -> None:
    current = session.current()
    if current.cell is not None and current.cell.call is not None:
        current.cell.call.stop()
    current.cell = None


@st.dialog("Run code", width="large", icon=":material/terminal:", on_dismiss=_close)
def _dialog() -> None:
    cell = session.current().cell
    if cell is None:
        st.rerun()
    st.caption("It runs in this chat's own Python, with its variables and files. The model does not see it: tell it.")
    st.text_area("Code", key=CODE, height=220, label_visibility="collapsed")
    call = cell.call
    if call is not None and not call.finished.is_set():
        _watch(call)
        return
    with st.container(horizontal=True, gap="small"):
        st.button("Run", key="run-cell", type="primary", icon=":material/play_arrow:", on_click=_run)
        if call is not None:
            st.button("Tell the model", key="tell-cell", icon=":material/forum:", on_click=_tell, args=(cell, call))
    if cell.problem is not None:
        error_card.draw(cell.problem, key="cell")
    elif call is not None:
        _result(call)


@st.fragment(run_every=0.4)
def _watch(call: "HandCall") -> None:
    """Draw a run that is on its way."""
    if call.finished.is_set():
        st.rerun(scope="app")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button("Stop", key="stop-cell", icon=":material/stop_circle:", on_click=call.stop)
        st.caption(f"Running · {int(time.time() - call.began)} s", width="content")
    if call.written:
        _code(call.written[-TOLD:])


def _result(call: "HandCall") -> None:
    outcome = OUTCOMES.get(call.status, call.status) + (f": {plain(call.reason)}" if call.reason else "")
    st.caption(f"{outcome} · {(call.duration_ms or 0) / 1000:.1f} s")
    if call.text:
        _code(call.text[:SHOWN])
    for number, artifact in enumerate(call.artifacts):
        artifacts.draw(artifact.to_json(), key=f"cell-{call.began}-{number}")


def _code(text: str) -> None:
    st.code(readable(text), language=None, wrap_lines=True)


def _tell(cell: Cell, call: "HandCall") -> None:
    """Put the code and what it gave into the box, as a message that can still be changed."""
    current = session.current()
    current.draft = f"I ran this myself:\n```python\n{cell.code}\n```\nIt gave:\n```\n{call.text[:TOLD]}\n```\n"
    current.cell = None
