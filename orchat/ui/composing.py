"""What stands above the box to write in, beside the options: the gauge, a question back, and Stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchat.ui import confirming, gauge, notes, resources, session

if TYPE_CHECKING:
    from orchat.connections import Connection
    from orchat.runs import Run
    from orchat.ui.tab import Composer


def complete(composer: Composer, run: Run | None, connection: Connection) -> None:
    """Draw what stands below the options, and Stop while an answer streams: now, since the answer may take long."""
    with composer.options:
        gauge.draw(session.current(), connection)
        confirming.draw()
        notes.draw_held()
    if run is not None and run.active:
        label = "Stop" if len(_active_beside(run)) == 1 else "Stop all"
        composer.stop.button(
            label, icon=":material/stop_circle:", key="stop", on_click=_stop, args=(run,), width="stretch"
        )


def _active_beside(run: Run) -> list[Run]:
    together = resources.services().runs.together(run.turn.owner, run.turn.conversation_id)
    return [one for one in together if one.active] or [run]


def _stop(run: Run) -> None:
    for one in _active_beside(run):
        one.stop()
