"""The gauge beside the box: how full the model's context is, and about what the next message costs."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from orchat.forecast import Forecast, forecast
from orchat.ui import money_panel, overhead, window
from orchat.ui.wording import count, money

if TYPE_CHECKING:
    from orchat.connections import Connection
    from orchat.ui.tab import Session

_FOLDER = Path(__file__).parent / "assets"
_gauge = st.components.v2.component(
    "orchat_gauge",
    html=(_FOLDER / "gauge.html").read_text("utf-8"),
    css=(_FOLDER / "gauge.css").read_text("utf-8"),
    js=(_FOLDER / "gauge.js").read_text("utf-8"),
)


def draw(current: Session, connection: Connection) -> None:
    """Draw the gauge; what is being written is counted in the browser, and nothing of it is sent for that."""
    ask = current.ask
    model = None if ask.auto or ask.model is None else connection.catalogue.find(ask.model)
    branch = window.at_the_end(current)
    ahead = forecast(branch, "", model, tools=overhead.of_tools(), system_prompt=ask.system_prompt)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="gauge"):
        _gauge(
            key="gauge-line",
            data={
                "tokens": ahead.tokens,
                "window": ahead.window,
                "reading": None if ahead.reading is None else float(ahead.reading),
                "price": float(model.prompt_price) if model and model.prompt_price is not None else 0.0,
                "auto": ask.auto,
                "said": said(ahead, auto=ask.auto),
            },
            height="content",
        )
        money_panel.draw()


def said(ahead: Forecast, *, auto: bool) -> str:
    """Return what the gauge says while nothing is written; nothing where there is nothing to say."""
    if not ahead.tokens:
        return ""
    about = "" if ahead.measured else "about "
    if ahead.window is None:
        price = "price known when the auto-router has chosen" if auto else "price not known"
        return f"{about}{count(ahead.tokens)} tokens · {price}"
    tokens = f"{about}{count(ahead.tokens)} of {count(ahead.window)} tokens"
    if ahead.reading is None:
        return f"{tokens} · price varies"
    return f"{tokens} · {_price(ahead.reading)}"


def _price(reading: Decimal) -> str:
    return f"about {money(reading)} + answer" if reading else "free"
