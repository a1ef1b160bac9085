"""The tools panel: which tools the agent may use, which of them ask first, and what is wrong with the others."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from orchat.agent.ask import ALLOWED_TOOLS, AgentAsk, names_in
from orchat.agent.contract import ToolInfo
from orchat.ui import overhead, plugin_settings, resources, session
from orchat.ui.wording import plain

if TYPE_CHECKING:
    from orchat.agent.toolbox import LoadedPlugin

OWN_TOOLS = {
    "openrouter:web_search": (":material/travel_explore:", "Web search", "Searches the web; each search is billed."),
    "openrouter:web_fetch": (":material/link:", "Web fetch", "Reads a page that the model names."),
    "openrouter:datetime": (":material/today:", "Date and time", "Tells the model the present date and time."),
}
"""Tools that OpenRouter runs itself. Source: https://openrouter.ai/docs/guides/features/server-tools."""


FORBIDDEN = ":red-badge[forbidden by whoever runs this orchat]"


def ask() -> AgentAsk:
    """Return what the agent is asked with: the model and privacy of the sidebar, and the options of its page."""
    current = session.current()
    # What is set for the chat is composed when something is sent.
    ask, options = current.asks[0] if current.asks else current.ask, current.options
    own = [name for name in options.server_tools if _may_own(name)]
    return AgentAsk(
        model=ask.model,
        auto=ask.auto,
        zdr=ask.zdr,
        parameters=ask.parameters,
        schema=ask.schema,
        auto_router=ask.auto_router,
        fallbacks=ask.fallbacks,
        provider=ask.provider,
        tools=tuple(info.name for info in overhead.tools()),
        server_tools=() if ask.zdr else tuple(own),
        system_prompt=ask.system_prompt,
        max_steps=options.max_steps,
        max_cost=Decimal(str(options.max_cost)) if options.max_cost else None,
    )


def _may(tool: str) -> bool:
    """Whether the operator lets the agent use a tool."""
    return resources.services().live.rules().allow_tool(tool)


def _may_own(name: str) -> bool:
    """The same for one of OpenRouter's own."""
    return resources.services().live.rules().allow_feature(name)


def draw() -> None:
    """Draw the panel behind one button, and beside it how many tools are in use."""
    plugins = resources.services().toolbox().plugins()
    offered = [info.name for plugin in plugins if overhead.works(plugin) for info in plugin.tools if _may(info.name)]
    broken = [plugin for plugin in plugins if plugin.problem is not None]
    chosen = _chosen(offered)
    # Opening it draws the page again: what was dropped into the folder meanwhile is in it. Its label never changes, or
    # Streamlit would take it for another one and close it.
    panel = st.popover("Tools", icon=":material/handyman:", type="tertiary", key="tools-panel", on_change="rerun")
    count = f"{len(chosen)} of {len(offered)}" + (f" · {len(broken)} broken" if broken else "")
    st.caption(count, width="content")
    with panel:
        for plugin in broken:
            _broken(plugin)
        with st.container(horizontal=True, gap="small"):
            st.button("Use all", key="all-tools", type="tertiary", on_click=_choose, args=(None,))
            st.button("Use none", key="no-tools", type="tertiary", on_click=_choose, args=((),))
        allowed = _allowed()
        for plugin in plugins:
            if overhead.works(plugin):
                _plugin(plugin, offered, chosen, allowed)
            elif plugin.tools:
                _unavailable(plugin)
        _own_tools()


def _chosen(offered: Sequence[str]) -> list[str]:
    """Return the tools that are in use: none that has gone meanwhile."""
    tools = session.current().options.tools
    return list(offered) if tools is None else [name for name in offered if name in tools]


def _allowed() -> frozenset[str]:
    """Return the tools that run in this chat without asking, since somebody said so."""
    current = session.current()
    if current.conversation_id is None:
        return frozenset()
    chat = resources.services().store.conversation(current.owner, current.conversation_id)
    return names_in(chat.settings, ALLOWED_TOOLS)


def _broken(plugin: "LoadedPlugin") -> None:
    assert plugin.problem is not None
    with st.container(border=True, key=f"broken-{plugin.name}"):
        st.markdown(f"⚠️ **{plain(plugin.plugin.title)}** · {plain(plugin.origin)}")
        st.markdown(plain(plugin.problem.summary))
        if plugin.kept:
            st.caption("The last version that worked is still in use.")
        if plugin.problem.traceback:
            with st.expander("Traceback", type="compact"):
                st.code(plugin.problem.traceback, language=None, wrap_lines=True)


def _unavailable(plugin: "LoadedPlugin") -> None:
    report = resources.services().interpreters().availability.known()
    with st.container(key=f"unavailable-{plugin.name}", gap=None):
        st.markdown(f"{plugin.plugin.icon} **{plain(plugin.plugin.title)}** :gray-badge[unavailable]")
        st.caption(plain(report.reason if report else ""))


def warn() -> None:
    """Say it if code is run without isolation."""
    report = resources.services().interpreters().availability.known()
    if report is not None and report.chosen == "unsafe":
        st.error(
            "**Code runs without isolation.** `ORCHAT_SANDBOX=unsafe` is set: what the model writes can read and do "
            "whatever orchat can. Use it by yourself only, with models and data that you trust.",
            icon=":material/gpp_bad:",
        )


def _plugin(plugin: "LoadedPlugin", offered: Sequence[str], chosen: Collection[str], allowed: Collection[str]) -> None:
    for info in plugin.tools:
        key = f"tool-{info.name}"
        session.set_widget(key, value=info.name in chosen)
        with st.container(gap=None):
            mode = _mode(info, allowed) if _may(info.name) else FORBIDDEN
            label = f"{info.icon} **{plain(info.title)}** {mode}"
            st.toggle(label, key=key, disabled=not _may(info.name), on_change=_flip, args=(info.name, tuple(offered)))
            st.caption(plain(info.description.strip().partition("\n")[0]))
            if info.approval == "ask" and info.name in allowed:
                st.button("Ask again", key=f"ask-{info.name}", type="tertiary", on_click=_ask_again, args=(info.name,))
    if plugin.tools and plugin.plugin.settings is not None:
        plugin_settings.draw(plugin)


def _mode(info: ToolInfo, allowed: Collection[str]) -> str:
    if info.approval == "auto":
        return ":gray-badge[runs by itself]"
    return ":orange-badge[allowed in this chat]" if info.name in allowed else ":violet-badge[asks first]"


def _own_tools() -> None:
    zdr, chosen = session.current().ask.zdr, session.current().options.server_tools
    st.markdown("**OpenRouter's own tools**")
    if zdr:
        st.caption("🛡️ Zero data retention does not cover them: they are off while it is on.")
    for name, (icon, title, about) in OWN_TOOLS.items():
        key = f"tool-{name}"
        may = _may_own(name)
        session.set_widget(key, value=name in chosen and not zdr and may)
        with st.container(gap=None):
            label = f"{icon} **{title}** {':gray-badge[runs by itself]' if may else FORBIDDEN}"
            st.toggle(label, key=key, disabled=zdr or not may, on_change=_flip_own, args=(name,))
            st.caption(about)


def _choose(tools: tuple[str, ...] | None) -> None:
    current = session.current()
    current.options = replace(current.options, tools=tools)


def _flip(name: str, offered: tuple[str, ...]) -> None:
    """Put a tool in or out of use; all of them are kept as “all”, so that a new one is in use too."""
    kept = [tool for tool in _chosen(offered) if tool != name]
    chosen = {*kept, name} if session.widget_value(f"tool-{name}") else set(kept)
    _choose(None if chosen == set(offered) else tuple(tool for tool in offered if tool in chosen))


def _flip_own(name: str) -> None:
    current = session.current()
    others = [tool for tool in current.options.server_tools if tool != name]
    chosen = [*others, name] if session.widget_value(f"tool-{name}") else others
    current.options = replace(current.options, server_tools=tuple(chosen))


def _ask_again(name: str) -> None:
    current, store = session.current(), resources.services().store
    if current.conversation_id is not None:
        left = _allowed() - {name}
        store.update_settings(current.owner, current.conversation_id, {ALLOWED_TOOLS: sorted(left)})
