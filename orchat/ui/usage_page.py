"""The usage page: what was spent, on which models, when and what for."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import streamlit as st

from orchat.openrouter import Catalogue
from orchat.store import ChatSpent, Spent
from orchat.temporary import is_temporary
from orchat.ui import budget_admin, budget_bars, resources, session, spreadsheet, usage_tables
from orchat.ui.usage_tables import KINDS, Total
from orchat.ui.wording import count, money, plain

PERIODS = {"7 days": 7, "30 days": 30, "90 days": 90}
CUSTOM = "Other days"
MINE, EVERYBODY = "Mine", "Everybody's"
ALONE = 2
"""Names that there are always: one's own, and that of shared documents."""
DAYS_HELP = "Days are UTC, as on OpenRouter's own activity page."
DOLLARS = st.column_config.NumberColumn(format="$ %.4f")
WHOLE = st.column_config.NumberColumn(format="localized")
COLUMNS = {
    "Cost": DOLLARS,
    "Requests": WHOLE,
    "Tokens in": WHOLE,
    "Cached": st.column_config.NumberColumn(format="localized", help="Tokens in that a prompt cache knew already"),
    "Tokens out": WHOLE,
    "First token": st.column_config.NumberColumn(format="%.2f s", help="Half of the answers began sooner"),
    "Slow": st.column_config.NumberColumn(format="%.2f s", help="One answer in twenty began later"),
    "Cost unknown": st.column_config.NumberColumn(help="Requests of which OpenRouter has not said what they cost"),
    "Chat": st.column_config.TextColumn(width="large"),
    "Open": st.column_config.LinkColumn(display_text="Open", width="small"),
}
DAYS = {"labelOverlap": True, "labelExpr": "slice(datum.label, 5)"}
"""Without their year, which would take half of the chart on a phone."""
BARS = {
    "mark": {"type": "bar", "tooltip": True},
    "encoding": {
        "x": {"field": "Day", "type": "ordinal", "title": None, "axis": DAYS},
        "y": {"field": "US dollars", "type": "quantitative"},
        # In columns: in one line, as it stands by itself, a phone shows three of eight models.
        "color": {
            "field": "Model",
            "type": "nominal",
            "legend": {"orient": "bottom", "columns": 2, "title": None, "labelLimit": 112},
        },
    },
}
"""The chart; its rows are added."""


def draw() -> None:
    """Draw the page."""
    st.set_page_config(layout="wide")
    st.title("Usage")
    since, until = _days()
    current, store = session.current(), resources.services().store
    owner = None if _everybody() else current.owner
    if owner is not None:
        simulated = resources.connection().simulated
        budget_bars.draw(store.budget_states(owner, simulated=simulated), datetime.now(UTC).date())
    spending = _counted(store.spending(owner, since, until))
    if not spending:
        st.info("Nothing was asked in these days. What you spend appears here with the next answer.")
        return
    catalogue = resources.connection().catalogue.current()
    _figures(usage_tables.total(spending))
    st.vega_lite_chart(
        usage_tables.by_day(spending, lambda spent: _model(spent, catalogue), since, until),
        BARS,
        height=360,
        alt="Spending by day, stacked by model",
    )
    models, purposes, last = st.tabs(["Models", "What for", "Chats" if owner is not None else "People"])
    with models:
        _models(spending, catalogue, store.first_tokens(owner, since, until))
    with purposes:
        kinds = usage_tables.totals(spending, lambda spent: KINDS.get(spent.kind, spent.kind))
        _table(usage_tables.rows_of(kinds, "What for"), "purposes", "What the requests were for and what they cost")
    with last:
        # What others' chats are called is theirs.
        if owner is None:
            _people(spending)
        else:
            _chats(store.spending_by_chat(owner, since, until))
    st.download_button(
        "Every request as CSV",
        lambda: "".join(usage_tables.as_csv(store.every_call(owner, since, until), whose=owner is None)),
        file_name=f"orchat-usage-{since}-{until}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="usage-csv",
        help="Model, provider, tokens, cost and times of each request. Nothing of what was said.",
    )


def _everybody() -> bool:
    """Ask an operator whose spending is shown; without others here there is nothing to ask."""
    if not session.current().person.operator or len(budget_admin.people()) <= ALONE:
        return False
    chosen = st.segmented_control("Whose", [MINE, EVERYBODY], default=MINE, required=True, key="usage-whose")
    return chosen == EVERYBODY


def _days() -> tuple[date, date]:
    today = datetime.now(UTC).date()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = st.segmented_control(
            "Days", [*PERIODS, CUSTOM], default="30 days", required=True, key="usage-period", help=DAYS_HELP
        )
        if period != CUSTOM:
            return today - timedelta(days=PERIODS.get(str(period), 30) - 1), today
        chosen = st.date_input("From … to", (today - timedelta(days=29), today), max_value=today, key="usage-days")
    # While a person has chosen the first day only, there is one of them.
    return (chosen[0], chosen[-1]) if chosen else (today, today)


def _counted(spending: list[Spent]) -> list[Spent]:
    """Leave simulated answers out where there are real ones."""
    real = [spent for spent in spending if not spent.simulated]
    if len(real) == len(spending):
        return real
    if not real:
        st.caption("These answers were simulated: the costs are those of the real models, and nobody paid them.")
        return spending
    return spending if st.toggle("Count simulated answers too", key="usage-simulated") else real


def _figures(sums: Total) -> None:
    left = "" if not sums.unknown else f"+ {sums.unknown} of unknown cost"
    with st.container(horizontal=True):
        st.metric(
            "Spent",
            money(sums.cost),
            delta=left or None,
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
        )
        st.metric("Requests", f"{sums.requests:,}", border=True, height="stretch")
        st.metric("Tokens in", count(sums.prompt_tokens), border=True, height="stretch")
        st.metric("of them cached", count(sums.cached_tokens), border=True, height="stretch")
        st.metric("Tokens out", count(sums.completion_tokens), border=True, height="stretch")
        st.metric("Errors", f"{sums.failed:,}", border=True, height="stretch")
    if sums.charged != sums.cost:
        elsewhere = plain(money(sums.cost - sums.charged))
        st.caption(
            f"{elsewhere} of it was billed by providers, on keys of your own; "
            f"OpenRouter took {plain(money(sums.charged))} from the credits."
        )


def _models(
    spending: Sequence[Spent], catalogue: Catalogue, first_tokens: dict[str | None, list[tuple[int, int]]]
) -> None:
    named: dict[str, list[tuple[int, int]]] = {}
    for model, counted in first_tokens.items():
        named.setdefault(_name(model, catalogue), []).extend(counted)
    rows = usage_tables.model_rows(usage_tables.totals(spending, lambda spent: _model(spent, catalogue)), named)
    _table(rows, "models", "Models with cost, requests, tokens, time to the first token and errors")


def _people(spending: Sequence[Spent]) -> None:
    names = budget_admin.people()
    totals = usage_tables.totals(spending, lambda spent: names.get(spent.owner, spent.owner))
    _table(usage_tables.rows_of(totals, "Person"), "people", "What each person has spent")


def _chats(chats: Sequence[ChatSpent]) -> None:
    rows: list[usage_tables.Row] = [
        {
            "Chat": chat.title or _untitled(chat),
            "Cost": float(chat.cost),
            "Requests": chat.requests,
            "Cost unknown": chat.unknown,
            "Open": f"/?chat={chat.conversation_id}" if chat.title is not None else None,
        }
        for chat in chats
    ]
    _table(rows, "chats", "The chats that cost most")


def _untitled(chat: ChatSpent) -> str:
    if chat.title is not None:
        return "New chat"
    return "temporary chats" if is_temporary(chat.conversation_id) else "deleted chat"


def _table(rows: list[usage_tables.Row], key: str, alt: str) -> None:
    st.dataframe(
        spreadsheet.rows(rows),
        column_config=COLUMNS,
        hide_index=True,
        placeholder="",
        key=f"usage-{key}",
        alt=alt,
    )


def _model(spent: Spent, catalogue: Catalogue) -> str:
    return _name(spent.model, catalogue)


def _name(model: str | None, catalogue: Catalogue) -> str:
    return catalogue.name_of(model) if model else "not named"
