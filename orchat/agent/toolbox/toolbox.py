"""Toolbox: all plugins of an installation, read again as soon as one changes."""

import asyncio
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from langchain_core.tools import BaseTool

from orchat.agent.contract import ToolContext, ToolInfo
from orchat.agent.mcp import MCPServers, Offer
from orchat.agent.toolbox.loading import Loaded, Problem, described, info_of, problem_of, told
from orchat.agent.toolbox.offload import offloaded
from orchat.agent.toolbox.reading import Entry, LoadedPlugin, Reader, Run, Settings, filled, made_by
from orchat.agent.toolbox.sources import in_folders, in_packages
from orchat.openrouter.rules import RulesNow, no_rules

__all__ = ["ReadyTool", "Toolbox", "filled"]


@dataclass(frozen=True, slots=True)
class ReadyTool:
    """A tool for one run."""

    info: ToolInfo
    tool: BaseTool


class Toolbox:
    """The plugins of some folders and of installed packages. Safe to use from several threads.

    `run` runs a coroutine on the loop that the agent's turns run on: an async `get_tools` may open connections there.
    `settings` returns what an owner has set for a plugin, `rules` what the operator forbids.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        run: Run,
        settings: Settings = lambda _owner, _plugin: {},
        entry_points: bool = True,
        mcp: MCPServers | None = None,
        rules: RulesNow = no_rules,
    ) -> None:
        self._folders = tuple(folders)
        self._settings = settings
        self._entry_points = entry_points
        self._mcp = mcp
        self._rules = rules
        self._reader = Reader(run, settings)
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}

    def plugins(self) -> tuple[LoadedPlugin, ...]:
        """Return all plugins, read again where a file has changed."""
        return tuple(_without_clashes([entry.shown for entry in self._current().values()]))

    def offered(self) -> tuple[ToolInfo, ...]:
        """Return the tools that can be used, without those that the operator forbids."""
        allow = self._rules().allow_tool
        return tuple(info for plugin in self.plugins() for info in plugin.tools if allow(info.name))

    async def tools(self, context: ToolContext, names: Collection[str]) -> list[ReadyTool]:
        """Return the tools of these names for one run, made for its context.

        A name that is not offered, or is forbidden, is left out.

        Raises:
            PluginError: a plugin cannot make its tools for this context, or its settings cannot be used.
        """
        entries = await asyncio.to_thread(self._current)
        wanted = set(filter(self._rules().allow_tool, names))
        shown = _without_clashes([entry.shown for entry in entries.values()])
        ready: list[ReadyTool] = []
        for plugin in shown:
            infos = {info.name: info for info in plugin.tools if info.name in wanted}
            loaded = entries[plugin.name].loaded
            if infos and loaded is not None:
                made = await self._made(plugin, loaded, context)
                ready += [ReadyTool(infos[tool.name], offloaded(tool)) for tool in made if tool.name in infos]
        return ready

    async def _made(self, plugin: LoadedPlugin, loaded: Loaded, context: ToolContext) -> Sequence[BaseTool]:
        if loaded.factory is None:
            return loaded.tools
        stored = await asyncio.to_thread(self._settings, context.owner, plugin.name)
        with told(plugin.origin):
            settings = filled(loaded.plugin.settings, stored, plugin.plugin.title)
        return await made_by(loaded, replace(context, settings=settings), plugin.origin)

    async def aclose(self) -> None:
        """End the sessions with MCP servers."""
        if self._mcp is not None:
            await self._mcp.aclose()

    def _current(self) -> dict[str, Entry]:
        with self._lock:
            entries: dict[str, Entry] = {}
            for source in in_folders(self._folders):
                if source.name in entries:
                    _add_namesake(entries, source.name, source.origin)
                else:
                    entries[source.name] = self._reader.read_source(source, self._entries.get(source.name))
            for point in in_packages() if self._entry_points else ():
                if point.name in entries:
                    _add_namesake(entries, point.name, f"package {point.value}")
                else:
                    entries[point.name] = self._reader.read_package(point, self._entries.get(point.name))
            for offer in self._mcp.offers() if self._mcp else ():
                entries.setdefault(f"mcp-{offer.name}", _from_server(offer))
            self._entries = entries
            return entries


def _add_namesake(entries: dict[str, Entry], name: str, origin: str) -> None:
    """Report a plugin whose name another one has: settings are kept by that name, so there can be one only."""
    problem = Problem(f"{origin} has the name of {entries[name].shown.origin}, which comes first: rename one of them.")
    key = f"{name} ({origin})"
    entries[key] = Entry(LoadedPlugin(key, origin, described(None, name, ""), problem=problem))


def _from_server(offer: Offer) -> Entry:
    name, origin = f"mcp-{offer.name}", f"MCP server {offer.name}"
    infos = tuple(info_of(tool, name, offer.plugin) for tool in offer.tools)
    problem = problem_of(offer.error) if offer.error else None
    return Entry(LoadedPlugin(name, origin, offer.plugin, infos, problem), Loaded(offer.plugin, None, offer.tools))


def _without_clashes(plugins: Sequence[LoadedPlugin]) -> list[LoadedPlugin]:
    """Return plugins such that each tool's name is there once: the first one has it."""
    owners: dict[str, str] = {}
    kept = []
    for plugin in plugins:
        taken = [info.name for info in plugin.tools if info.name in owners]
        owners.update({info.name: plugin.name for info in plugin.tools if info.name not in owners})
        if taken:
            first = next(other.origin for other in plugins if other.name == owners[taken[0]])
            clash = Problem(f"{taken[0]} is also a tool of {first}, which comes first: rename one of them.")
            fresh = tuple(info for info in plugin.tools if owners[info.name] == plugin.name)
            kept.append(replace(plugin, tools=fresh, problem=plugin.problem or clash))
        else:
            kept.append(plugin)
    return kept
