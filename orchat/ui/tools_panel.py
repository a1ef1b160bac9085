"""The agent's options: which tools it may use, what is wrong with the others, its instructions and its limits."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from orchat.agent.ask import MAX_COST, MAX_STEPS, AgentAsk
from orchat.agent.contract import ToolInfo
from orchat.ui import plugin_settings, resources, session
from orchat.ui.session import COST, SERVER_TOOLS, STEPS, SYSTEM, TOOLS, AgentOptions
from orchat.ui.wording import plain

if TYPE_CHECKING:
    from orchat.agent.toolbox import LoadedPlugin

OWN_TOOLS = {
    "openrouter:web_search": ":material/travel_explore: Web search",
    "openrouter:web_fetch": ":material/link: Web fetch",
    "openrouter:datetime": ":material/today: Date and time",
}
"""Tools that OpenRouter runs itself. Source: https://openrouter.ai/docs/guides/features/server-tools."""


def ask() -> AgentAsk:
    """Return what the agent is asked with."""
    return session.agent_ask(tuple(info.name for info in resources.services().toolbox().offered()))


def draw() -> None:
    """Draw the options behind one button, which says how many tools are in use."""
    with st.spinner("Loading the tools…", show_time=False):
        plugins = resources.services().toolbox().plugins()
    offered = [info for plugin in plugins for info in plugin.tools]
    _defaults(offered)
    broken = sum(plugin.problem is not None for plugin in plugins)
    chosen = session.widget_value(TOOLS) or []
    label = f"Tools: {len(chosen)} of {len(offered)}" + (f" · {broken} broken" if broken else "")
    with st.popover(label, icon=":material/handyman:", type="tertiary", key="tools-panel"):
        options = _tools(offered, plugins)
        options = _instructions(options)
    session.current().options = options
    session.keep_choices(resources.services().store)


def _defaults(offered: Sequence[ToolInfo]) -> None:
    names = [info.name for info in offered]
    kept = session.widget_value(TOOLS)
    # A tool may have gone since it was chosen: the widget refuses a value that it does not offer.
    session.set_widget(TOOLS, value=names if kept is None else [name for name in kept if name in names])
    server = session.widget_value(SERVER_TOOLS) or []
    session.set_widget(SERVER_TOOLS, value=[name for name in server if name in OWN_TOOLS])
    for key, value in ((SYSTEM, ""), (COST, float(MAX_COST)), (STEPS, MAX_STEPS)):
        if session.widget_value(key) is None:
            session.set_widget(key, value=value)


def _tools(offered: Sequence[ToolInfo], plugins: "Sequence[LoadedPlugin]") -> AgentOptions:
    infos = {info.name: info for info in offered}
    chosen = st.pills(
        "Tools that the agent may use",
        list(infos),
        selection_mode="multi",
        key=TOOLS,
        format_func=lambda name: f"{infos[name].icon} {plain(infos[name].title)}",
        persist_state="session",
    )
    for plugin in plugins:
        _plugin(plugin)
    zdr = session.current().ask.zdr
    server = st.pills(
        "OpenRouter's own tools",
        list(OWN_TOOLS),
        selection_mode="multi",
        key=SERVER_TOOLS,
        format_func=lambda name: OWN_TOOLS[name],
        disabled=zdr,
        persist_state="session",
    )
    if zdr:
        st.caption("🛡️ Zero data retention does not cover OpenRouter's own tools: they are off while it is on.")
    everything = len(chosen) == len(infos)
    return AgentOptions(tools=None if everything else tuple(chosen), server_tools=tuple(server))


def _plugin(plugin: "LoadedPlugin") -> None:
    about = plugin.plugin
    if plugin.problem is not None:
        with st.container(border=True, key=f"broken-{plugin.name}"):
            st.markdown(f"⚠️ **{plain(about.title)}** ({plain(plugin.origin)})")
            st.markdown(plain(plugin.problem.summary))
            if plugin.kept:
                st.caption("The last version that worked is still in use.")
            if plugin.problem.traceback:
                with st.expander("Traceback", type="compact"):
                    st.code(plugin.problem.traceback, language=None, wrap_lines=True)
    for info in plugin.tools:
        asks = "asks first" if info.approval == "ask" else "runs without asking"
        first_line = info.description.strip().partition("\n")[0]
        st.caption(f"{info.icon} **{plain(info.title)}**, {asks}. {plain(first_line)}")
    if plugin.tools and about.settings is not None:
        plugin_settings.button(plugin)


def _instructions(options: AgentOptions) -> AgentOptions:
    instructions = st.text_area(
        "Instructions (system prompt)",
        key=SYSTEM,
        height=80,
        persist_state="session",
        placeholder="How the agent should work and answer",
    )
    left, right = st.columns(2)
    cost = left.number_input(
        "Most dollars per turn",
        min_value=0.0,
        step=0.1,
        key=COST,
        persist_state="session",
        help="The agent stops before the model call that comes after this much was spent. 0: no limit.",
    )
    steps = right.number_input("Most model calls per turn", 1, 200, step=1, key=STEPS, persist_state="session")
    return replace(options, system_prompt=instructions, max_cost=float(cost), max_steps=int(steps))
