"""Toolbox: all plugins of an installation, read again as soon as one changes."""

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

from langchain_core.tools import BaseTool
from pydantic import BaseModel, ValidationError

from orchat.agent.contract import Plugin, ToolContext, ToolInfo
from orchat.agent.mcp import MCPServers, Offer
from orchat.agent.toolbox.loading import Loaded, Problem, checked, described, info_of, load, problem_of, read, told
from orchat.agent.toolbox.offload import offloaded
from orchat.agent.toolbox.sources import Source, in_folders, in_packages
from orchat.errors import PluginError

LISTED_WITHIN = 30.0
"""Seconds that an async `get_tools` may take to list its tools."""

Run = Callable[[Coroutine[Any, Any, Any]], "Future[Any]"]
Settings = Callable[[str, str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """A plugin as it is now. A broken one has a problem; with `kept` its last good version still serves."""

    name: str
    origin: str
    plugin: Plugin
    tools: tuple[ToolInfo, ...] = ()
    problem: Problem | None = None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class ReadyTool:
    """A tool for one run."""

    info: ToolInfo
    tool: BaseTool


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is known of one source: how it looked, what it holds, and what came of it."""

    look: tuple[object, ...]
    content: str
    shown: LoadedPlugin
    loaded: Loaded | None


class Toolbox:
    """The plugins of some folders and of installed packages. Safe to use from several threads.

    `run` runs a coroutine on the loop that the agent's turns run on: an async `get_tools` may open connections there.
    `settings` returns what an owner has set for a plugin.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        run: Run,
        settings: Settings = lambda _owner, _plugin: {},
        entry_points: bool = True,
        mcp: MCPServers | None = None,
    ) -> None:
        self._folders = tuple(folders)
        self._run = run
        self._settings = settings
        self._entry_points = entry_points
        self._mcp = mcp
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}

    def plugins(self) -> tuple[LoadedPlugin, ...]:
        """Return all plugins, read again where a file has changed."""
        return tuple(_without_clashes([entry.shown for entry in self._current().values()]))

    def offered(self) -> tuple[ToolInfo, ...]:
        """Return the tools that can be used."""
        return tuple(info for plugin in self.plugins() for info in plugin.tools)

    async def tools(self, context: ToolContext, names: Collection[str]) -> list[ReadyTool]:
        """Return the tools of these names for one run, made for its context; a name that is not offered is left out.

        Raises:
            PluginError: a plugin cannot make its tools for this context, or its settings cannot be used.
        """
        entries = await asyncio.to_thread(self._current)
        wanted = set(names)
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
        settings = filled(loaded.plugin.settings, stored, plugin.plugin.title)
        with told(plugin.origin):
            return await _call(loaded.factory, replace(context, settings=settings))

    async def aclose(self) -> None:
        """End the sessions with MCP servers."""
        if self._mcp is not None:
            await self._mcp.aclose()

    def _current(self) -> dict[str, _Entry]:
        with self._lock:
            entries: dict[str, _Entry] = {}
            for source in in_folders(self._folders):
                if source.name not in entries:
                    entries[source.name] = self._read_source(source, self._entries.get(source.name))
            if self._entry_points:
                for name, point in in_packages().items():
                    entries.setdefault(name, self._entries.get(name) or self._read_package(name, point))
            for offer in self._mcp.offers() if self._mcp else ():
                entries.setdefault(f"mcp-{offer.name}", _from_server(offer))
            self._entries = entries
            return entries

    def _read_source(self, source: Source, known: _Entry | None) -> _Entry:
        look = source.look()
        if known is not None and known.look == look:
            return known
        try:
            content = source.content()
        except OSError as error:
            content, unreadable = "", Problem(f"{source.origin} cannot be read: {error.strerror}.")
            return _Entry(look, content, _broken(source.name, source.origin, unreadable, known), _last(known))
        if known is not None and known.content == content:
            return replace(known, look=look)
        return self._read(source.name, source.origin, lambda: load(source), known, look, content)

    def _read_package(self, name: str, point: EntryPoint) -> _Entry:
        about = point.dist
        origin = f"package {about.name} {about.version}" if about else f"package {point.value}"

        def imported() -> Loaded:
            with told(origin):
                found = point.load()
                if isinstance(found, ModuleType):
                    return read(found, name)
                return Loaded(described(None, name, inspect.getdoc(found) or ""), found)

        return self._read(name, origin, imported, None, (), origin)

    def _read(
        self,
        name: str,
        origin: str,
        how: Callable[[], Loaded],
        known: _Entry | None,
        look: tuple[object, ...],
        content: str,
    ) -> _Entry:
        try:
            loaded = how()
            tools = self._listed(name, origin, loaded)
        except PluginError as error:
            return _Entry(look, content, _broken(name, origin, problem_of(error), known), _last(known))
        infos = tuple(info_of(tool, name, loaded.plugin) for tool in tools)
        return _Entry(look, content, LoadedPlugin(name, origin, loaded.plugin, infos), loaded)

    def _listed(self, name: str, origin: str, loaded: Loaded) -> Sequence[BaseTool]:
        if loaded.factory is None:
            return loaded.tools
        with told(origin):
            settings = filled(loaded.plugin.settings, self._settings("", name), loaded.plugin.title, lenient=True)
            made = self._run(_call(loaded.factory, ToolContext(settings=settings)))
            tools: Sequence[BaseTool] = made.result(LISTED_WITHIN)
        return tools


async def _call(factory: Callable[..., Any], context: ToolContext) -> Sequence[BaseTool]:
    made = factory(context)
    return checked(await made if isinstance(made, Awaitable) else made)


def filled(
    model: type[BaseModel] | None, stored: Mapping[str, Any], title: str, *, lenient: bool = False
) -> BaseModel | None:
    """Return a plugin's settings; `lenient`, as when its tools are only listed, None where they cannot be used.

    Raises:
        PluginError: they cannot be used.
    """
    if model is None:
        return None
    try:
        return model.model_validate({key: value for key, value in stored.items() if key in model.model_fields})
    except ValidationError as error:
        if lenient:
            return None
        # Never the values: one of them may be a key.
        wrong = "; ".join(f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors())
        raise PluginError(
            f"{title} needs its settings: {wrong}.", advice="Fill them in under Tools, or switch the tool off."
        ) from None


def _from_server(offer: Offer) -> _Entry:
    name, origin = f"mcp-{offer.name}", f"MCP server {offer.name}"
    infos = tuple(info_of(tool, name, offer.plugin) for tool in offer.tools)
    problem = problem_of(offer.error) if offer.error else None
    return _Entry(
        (), "", LoadedPlugin(name, origin, offer.plugin, infos, problem), Loaded(offer.plugin, None, offer.tools)
    )


def _broken(name: str, origin: str, problem: Problem, known: _Entry | None) -> LoadedPlugin:
    """Return a plugin that cannot be read now; one that could be before goes on as it was."""
    last = _last(known)
    if known is None or last is None:
        return LoadedPlugin(name, origin, described(None, name, ""), problem=problem)
    return replace(known.shown, problem=problem, kept=True)


def _last(known: _Entry | None) -> Loaded | None:
    return known.loaded if known is not None else None


def _without_clashes(plugins: Sequence[LoadedPlugin]) -> list[LoadedPlugin]:
    """Return plugins such that each tool's name is there once: the first one has it."""
    owners: dict[str, str] = {}
    kept = []
    for plugin in plugins:
        taken = [info.name for info in plugin.tools if info.name in owners]
        owners.update({info.name: plugin.origin for info in plugin.tools if info.name not in owners})
        if taken:
            clash = Problem(f"{taken[0]} is also a tool of {owners[taken[0]]}, which comes first: rename one of them.")
            fresh = tuple(info for info in plugin.tools if owners[info.name] == plugin.origin)
            kept.append(replace(plugin, tools=fresh, problem=plugin.problem or clash))
        else:
            kept.append(plugin)
    return kept
