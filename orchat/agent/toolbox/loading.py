"""Loading: a plugin's module, from its source, with everything that can be wrong with it told and not raised."""

import importlib.util
import inspect
import math
import re
import sys
import traceback
from asyncio import CancelledError
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import metadata
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from langchain_core.tools import BaseTool, tool
from langchain_core.utils.function_calling import convert_to_openai_tool
from packaging.requirements import InvalidRequirement, Requirement
from pydantic import BaseModel

from orchat.agent.contract import ICON, Plugin, ToolInfo
from orchat.agent.toolbox.sources import Source
from orchat.errors import PluginError
from orchat.openrouter.estimate import tokens_in

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""What models accept as the name of a tool."""
PREFIX = "orchat_plugin_"

Factory = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a plugin: a sentence for a person, and the traceback for whoever wrote it."""

    summary: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plugin's module after it has run: what it says about itself, and its tools, or what makes them."""

    plugin: Plugin
    factory: Factory | None = None
    tools: tuple[BaseTool, ...] = ()


class FreshLoader(SourceFileLoader):
    """Compiles the source each time: cached bytecode misses an edit of the same size within the same second."""

    def get_code(self, fullname: str) -> Any:
        """Return the code of the source."""
        return self.source_to_code(self.get_data(self.get_filename(fullname)), self.get_filename(fullname))


class PackageFinder:
    """Finds the modules of plugin packages, so that they too are compiled from their source."""

    @classmethod
    def find_spec(cls, name: str, path: Any = None, _target: Any = None) -> ModuleSpec | None:
        """Return the spec of a module inside a plugin, None for every other one."""
        if not name.startswith(PREFIX) or not path:
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path)
        if found is not None and isinstance(found.loader, SourceFileLoader) and found.origin:
            found.loader = FreshLoader(name, found.origin)
        return found


def load(source: Source) -> Loaded:
    """Run a plugin's module and read what it offers.

    Raises:
        PluginError: whatever is wrong with it; its cause says where.
    """
    name = f"{PREFIX}{source.name}"
    before = _taken_out(name)
    if PackageFinder not in sys.meta_path:
        sys.meta_path.insert(0, PackageFinder)
    where = [str(source.path.parent)] if source.is_package else None
    loader = FreshLoader(name, str(source.path))
    spec = importlib.util.spec_from_file_location(name, source.path, loader=loader, submodule_search_locations=where)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with told(source.origin):
            loader.exec_module(module)
            return read(module, source.name)
    except BaseException:
        # The last good version serves on, and may import parts of itself while it does.
        _taken_out(name)
        sys.modules.update(before)
        raise


def _taken_out(name: str) -> dict[str, ModuleType]:
    """Take a plugin's modules out of Python's, and return them."""
    # A copy: other threads import meanwhile, and the list would end with an error.
    known = [module for module in list(sys.modules) if module == name or module.startswith(f"{name}.")]
    return {module: sys.modules.pop(module) for module in known}


def read(module: ModuleType, name: str) -> Loaded:
    """Read what a module offers: `get_tools`, else `TOOLS`, else the tools that are defined in it."""
    plugin = described(getattr(module, "PLUGIN", None), name, inspect.getdoc(module) or "")
    check_requirements(plugin)
    if callable(factory := getattr(module, "get_tools", None)):
        return Loaded(plugin, factory)
    given = getattr(module, "TOOLS", None)
    if given is None:
        given = [value for value in vars(module).values() if isinstance(value, BaseTool) and _is_from(module, value)]
    return Loaded(plugin, None, checked(given))


def _is_from(module: ModuleType, found: BaseTool) -> bool:
    """Whether a tool is defined in a module, and not imported into it."""
    function = getattr(found, "func", None) or getattr(found, "coroutine", None)
    home = str(getattr(function, "__module__", None) or type(found).__module__)
    return home == module.__name__ or home.startswith(f"{module.__name__}.")


def described(given: Any, name: str, doc: str) -> Plugin:
    """Return what a plugin says about itself, with what it leaves out filled in."""
    if given is None:
        plugin = Plugin()
    elif isinstance(given, Mapping):
        try:
            plugin = Plugin(**given)
        except TypeError as error:
            raise PluginError(f"PLUGIN has something that a plugin does not: {error}.") from error
    elif isinstance(given, Plugin):
        plugin = given
    else:
        raise PluginError("PLUGIN has to be an orchat.Plugin, or a dict with the same keys.")
    _check(plugin)
    first_line = doc.strip().partition("\n")[0]
    title = plugin.title or name.replace("_", " ").capitalize()
    requires = tuple(plugin.requires)
    return replace(plugin, title=title, description=plugin.description or first_line, requires=requires)


def _check(plugin: Plugin) -> None:
    """Raise PluginError for a value that nothing could be done with later."""
    for key in ("title", "description", "icon", "version"):
        if not isinstance(getattr(plugin, key), str):
            raise PluginError(f"PLUGIN's {key} has to be text.")
    requires: Any = plugin.requires
    if not isinstance(requires, list | tuple) or not all(isinstance(wanted, str) for wanted in requires):
        raise PluginError("PLUGIN's requires has to be a list of requirements such as ['httpx>=0.28'].")
    settings: Any = plugin.settings
    if settings is not None and not (isinstance(settings, type) and issubclass(settings, BaseModel)):
        raise PluginError("PLUGIN's settings has to be a pydantic model: a class, not an instance.")
    _check_call(plugin.approval, plugin.timeout, "PLUGIN")


def _check_call(approval: Any, timeout: Any, whose: str) -> None:
    if approval not in ("ask", "auto"):
        raise PluginError(f"{whose}'s approval is {approval!r}; it has to be 'ask' or 'auto'.")
    is_number = isinstance(timeout, int | float) and not isinstance(timeout, bool)
    if not (is_number and 0 < timeout < math.inf):
        raise PluginError(f"{whose}'s timeout is {timeout!r}; it has to be a number of seconds.")


def check_requirements(plugin: Plugin) -> None:
    """Raise PluginError when a package that a plugin needs is missing or of another version."""
    for wanted in plugin.requires:
        try:
            requirement = Requirement(wanted)
        except InvalidRequirement as error:
            raise PluginError(f"“{wanted}” is no requirement as in requirements.txt.") from error
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            raise PluginError(f"It needs a package that is not installed: pip install '{wanted}'.") from None
        if not requirement.specifier.contains(version, prereleases=True):
            raise PluginError(f"It needs {wanted}, and {version} is installed: pip install '{wanted}'.")


def checked(given: Any) -> tuple[BaseTool, ...]:
    """Return tools as LangChain's, plain functions made into tools; raise PluginError for what cannot be one."""
    if not isinstance(given, list | tuple):
        raise PluginError("The tools have to be a list.")
    tools = tuple(_as_tool(entry) for entry in given)
    for found in tools:
        if not NAME.fullmatch(found.name):
            raise PluginError(f"“{found.name}” cannot be the name of a tool: letters, digits, _ and - only, up to 64.")
        try:
            _ = found.tool_call_schema
            found.get_input_jsonschema()
        except Exception as error:
            raise PluginError(f"The arguments of {found.name} cannot be described to a model: {error}.") from error
    names = [found.name for found in tools]
    if len(set(names)) < len(names):
        raise PluginError("Two of its tools have the same name.")
    return tools


def _as_tool(entry: Any) -> BaseTool:
    if isinstance(entry, BaseTool):
        return entry
    if not callable(entry):
        raise PluginError(f"{entry!r} is neither a tool nor a function.")
    try:
        made: BaseTool = tool(entry, parse_docstring=bool(re.search(r"^\s*Args:", entry.__doc__ or "", re.MULTILINE)))
    except Exception as error:
        raise PluginError(f"{getattr(entry, '__name__', entry)} cannot be made a tool: {error}") from error
    return made


def info_of(found: BaseTool, name: str, plugin: Plugin) -> ToolInfo:
    """Return a tool as it is offered; its own `metadata` counts before what the plugin says.

    Raises:
        PluginError: the metadata says something that cannot be.
    """
    own = found.metadata or {}
    approval, timeout = own.get("approval", plugin.approval), own.get("timeout", plugin.timeout)
    _check_call(approval, timeout, found.name)
    return ToolInfo(
        name=found.name,
        plugin=name,
        title=str(own.get("title") or found.name.replace("_", " ").capitalize()),
        description=found.description,
        icon=str(own.get("icon") or plugin.icon or ICON),
        approval=approval,
        timeout=float(timeout),
        tokens=tokens_in(str(convert_to_openai_tool(found))),
    )


class told:  # noqa: N801 - used as a statement
    """Turns whatever a plugin raises into a PluginError; SystemExit too, but not Ctrl-C or a cancelled task."""

    def __init__(self, origin: str) -> None:
        self._origin = origin

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: Any) -> None:
        if error is None or isinstance(error, PluginError | KeyboardInterrupt | GeneratorExit | CancelledError):
            return
        raise PluginError(f"{self._origin} could not be loaded: {explained(error)}") from error


def explained(error: BaseException) -> str:
    """Return what went wrong in a line."""
    if isinstance(error, SyntaxError):
        return f"{error.msg} (line {error.lineno})."
    text = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {text}" if text else f"{type(error).__name__}."


def problem_of(error: PluginError) -> Problem:
    """Return an error as it is shown."""
    cause = error.__cause__
    return Problem(error.message, "".join(_trace(cause)) if cause is not None else "")


def _trace(cause: BaseException) -> Iterator[str]:
    # From the plugin's own code on: how orchat came to it helps nobody.
    frames = [frame for frame in traceback.extract_tb(cause.__traceback__) if "importlib" not in frame.filename]
    ours = [at for at, frame in enumerate(frames) if Path(frame.filename).parent == Path(__file__).parent]
    yield from traceback.format_list(frames[ours[-1] + 1 :] if ours else frames)
    yield from traceback.format_exception_only(cause)
