"""Reading: one plugin, from its source to what is offered of it, kept until it changes."""

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

from langchain_core.tools import BaseTool
from pydantic import BaseModel, ValidationError

from orchat.agent.contract import Plugin, ToolContext, ToolInfo
from orchat.agent.toolbox.loading import Loaded, Problem, checked, described, info_of, load, problem_of, read, told
from orchat.agent.toolbox.offload import in_a_thread
from orchat.agent.toolbox.sources import Look, Source, is_settled, packages_look
from orchat.errors import PluginError

LOADED_WITHIN = 30.0
"""Seconds that a module may take to run, and `get_tools` to return its tools."""

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
class Entry:
    """What is known of one source: how it and the installed packages looked, what it holds, what came of it."""

    shown: LoadedPlugin
    loaded: Loaded | None = None
    look: Look = ()
    packages: Look = ()
    content: str = ""
    settled: bool = True


class Reader:
    """Reads plugins. `run` and `settings` are the toolbox's."""

    def __init__(self, run: Run, settings: Settings) -> None:
        self._run = run
        self._settings = settings

    def read_source(self, source: Source, known: Entry | None) -> Entry:
        """Return what a plugin in a folder offers; `known`, where nothing has changed."""
        look, packages = source.look(), packages_look()
        settled = is_settled(look)
        # What a broken one lacked may have been installed meanwhile.
        again = known is not None and known.shown.problem is not None and known.packages != packages
        if known is not None and known.look == look and known.settled and not again:
            return known
        try:
            content = source.content()
        except OSError as error:
            unreadable = Problem(f"{source.origin} cannot be read: {error.strerror}.")
            return Entry(_broken(source.name, source.origin, unreadable, known), _last(known), look, packages)
        if known is not None and known.content == content and not again:
            return (
                known if known.settled == settled and known.look == look else replace(known, look=look, settled=settled)
            )
        read = self._read(source.name, source.origin, lambda: load(source), known)
        return replace(read, look=look, packages=packages, content=content, settled=settled)

    def read_package(self, point: EntryPoint, known: Entry | None) -> Entry:
        """Return what an installed package offers; a module that Python has loaded once stays as it is."""
        packages = packages_look()
        if known is not None and (known.shown.problem is None or known.packages == packages):
            return known
        about = point.dist
        origin = f"package {about.name} {about.version}" if about else f"package {point.value}"

        def imported() -> Loaded:
            with told(origin):
                found = point.load()
                if isinstance(found, ModuleType):
                    return read(found, point.name)
                if not inspect.isroutine(found):
                    raise PluginError("Its entry point has to name a module or a `get_tools` function.")
                return Loaded(described(None, point.name, inspect.getdoc(found) or ""), found)

        return replace(self._read(point.name, origin, imported, known), packages=packages)

    def _read(self, name: str, origin: str, how: Callable[[], Loaded], known: Entry | None) -> Entry:
        try:
            loaded = _within(LOADED_WITHIN, how, origin)
            tools = self._listed(name, origin, loaded)
            infos = tuple(info_of(tool, name, loaded.plugin) for tool in tools)
        except PluginError as error:
            return Entry(_broken(name, origin, problem_of(error), known), _last(known))
        return Entry(LoadedPlugin(name, origin, loaded.plugin, infos), loaded)

    def _listed(self, name: str, origin: str, loaded: Loaded) -> Sequence[BaseTool]:
        if loaded.factory is None:
            return loaded.tools
        with told(origin):
            settings = filled(loaded.plugin.settings, self._settings("", name), loaded.plugin.title, lenient=True)
        tools: Sequence[BaseTool] = self._run(made_by(loaded, ToolContext(settings=settings), origin)).result()
        return tools


async def made_by(loaded: Loaded, context: ToolContext, origin: str) -> Sequence[BaseTool]:
    """Return a plugin's tools for a context. A `get_tools` that blocks or hangs holds up nobody else.

    Raises:
        PluginError: it fails, or takes too long.
    """
    if loaded.factory is None:
        return loaded.tools
    try:
        with told(origin):
            async with asyncio.timeout(LOADED_WITHIN):
                made = await in_a_thread(loaded.factory, context)
                return checked(await made if isinstance(made, Awaitable) else made)
    except PluginError as error:
        if isinstance(error.__cause__, TimeoutError):
            raise _late(origin) from None
        raise


def _within(seconds: float, how: Callable[[], Loaded], origin: str) -> Loaded:
    """Run a module in a thread of its own: one that never ends would hold up everybody who looks at the tools."""
    done: Future[Loaded] = Future()

    def work() -> None:
        try:
            done.set_result(how())
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            done.set_exception(error)

    threading.Thread(target=work, name="plugin", daemon=True).start()
    try:
        return done.result(seconds)
    except TimeoutError:
        raise _late(origin) from None


def _late(origin: str) -> PluginError:
    return PluginError(f"{origin} was not loaded within {LOADED_WITHIN:g} s: it must not wait for anything then.")


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


def _broken(name: str, origin: str, problem: Problem, known: Entry | None) -> LoadedPlugin:
    """Return a plugin that cannot be read now; one that could be before goes on as it was."""
    last = _last(known)
    if known is None or last is None:
        return LoadedPlugin(name, origin, described(None, name, ""), problem=problem)
    return replace(known.shown, problem=problem, kept=True)


def _last(known: Entry | None) -> Loaded | None:
    return known.loaded if known is not None else None
