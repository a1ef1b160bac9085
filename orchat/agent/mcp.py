"""MCP servers: tools from processes and addresses that the operator has listed, their sessions held open."""

import asyncio
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from langchain_core.tools import BaseTool
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orchat.agent.contract import TOOL_TIMEOUT, Plugin
from orchat.errors import PluginError

START_WITHIN = 10.0
"""Seconds that a server may take until it has listed its tools."""
AGAIN_AFTER = 30.0
"""Seconds after which one that could not be used is tried again, by whoever looks at the tools then."""
ICON = ":material/hub:"
log = logging.getLogger(__name__)

Run = Callable[[Coroutine[Any, Any, Any]], "Future[Any]"]


class Server(BaseModel):
    """A server as the file lists it: a `command` to start, or a `url` to talk to."""

    model_config = ConfigDict(extra="ignore")

    command: str | None = None
    args: list[str] = Field(default_factory=list)
    env: dict[str, str] = Field(default_factory=dict)
    cwd: str | None = None
    url: str | None = None
    transport: Literal["http", "streamable_http", "sse"] = "http"
    headers: dict[str, str] = Field(default_factory=dict)
    approval: Literal["ask", "auto"] = "ask"
    timeout: float = TOOL_TIMEOUT
    disabled: bool = False

    def connection(self) -> Any:
        """Return it as langchain-mcp-adapters takes it. A command sees `env`, a path and a home, and no key of ours."""
        if self.command is not None:
            return {"transport": "stdio", "command": self.command, "args": self.args, "env": self.env, "cwd": self.cwd}
        if self.url is not None:
            return {"transport": self.transport, "url": self.url, "headers": self.headers}
        raise PluginError("It has neither a command nor a url.")


def read(path: Path) -> dict[str, Server]:
    """Return the servers that a file lists, in the `mcpServers` form that other programs use.

    Raises:
        PluginError: the file cannot be used; the message never holds a value of it.
    """
    try:
        listed = json.loads(path.read_text("utf-8"))["mcpServers"]
        return {str(name): Server.model_validate(entry) for name, entry in listed.items()}
    except OSError as error:
        raise PluginError(f"{path} cannot be read: {error.strerror}.") from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors())
        raise PluginError(f"{path} cannot be used: {wrong}.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise PluginError(f'{path} has to be JSON of the form {{"mcpServers": {{"name": {{…}}}}}}.') from None


class Session:
    """One server's session. A task of its own opens it, holds it, and closes it."""

    def __init__(self, name: str, server: Server, run: Run, earlier: PluginError | None = None) -> None:
        """Begin; one that failed before, with the error `earlier`, is not waited for."""
        self.name = name
        self.server = server
        self.tools: tuple[BaseTool, ...] = ()
        self.error = earlier
        self.began = time.monotonic()
        self._end: asyncio.Event | None = None
        self._ready = threading.Event()
        if earlier is not None:
            self._ready.set()
        self._held = run(self._hold())

    @property
    def is_to_be_renewed(self) -> bool:
        """Whether the session has ended by itself, or could not begin, a while ago."""
        begun = self.error is None or bool(self.tools)
        return self._held.done() and (begun or time.monotonic() - self.began > AGAIN_AFTER)

    def wait(self) -> None:
        """Wait until its tools are known, or it is known why they are not."""
        self._ready.wait(START_WITHIN + 1)

    def close(self, run: Run) -> None:
        """Let the session end."""

        async def end() -> None:
            if self._end is not None:
                self._end.set()

        run(end())

    async def _hold(self) -> None:
        from langchain_mcp_adapters.sessions import create_session
        from langchain_mcp_adapters.tools import load_mcp_tools

        self._end = asyncio.Event()
        try:
            async with asyncio.timeout(START_WITHIN) as start, create_session(self.server.connection()) as session:
                await session.initialize()
                found = await load_mcp_tools(session)
                named = [self._named(tool) for tool in found]
                # Of two names that became the same, models would accept neither.
                self.tools = tuple({tool.name: tool for tool in reversed(named)}.values())[::-1]
                self.error = None
                start.reschedule(None)
                self._ready.set()
                await self._until_it_ends(session)
        except PluginError as error:
            self.error = error
        except TimeoutError:
            self.error = PluginError(f"The MCP server “{self.name}” did not answer within {START_WITHIN:g} s.")
        except Exception as error:
            log.info("The MCP server %s failed", self.name, exc_info=True)
            self.error = PluginError(f"The MCP server “{self.name}” failed: {_innermost(error)}.")
        finally:
            self._ready.set()

    async def _until_it_ends(self, session: Any) -> None:
        """Wait for the end; look now and then whether the server is still there."""
        assert self._end is not None
        while not self._end.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(START_WITHIN):
                    await self._end.wait()
                return
            async with asyncio.timeout(START_WITHIN):
                await session.send_ping()

    def _named(self, tool: BaseTool) -> BaseTool:
        """Return a tool under a name that no other server's has, made of what models accept."""
        name = re.sub(r"[^a-zA-Z0-9_-]", "_", f"{self.name}_{tool.name}")[:64]
        metadata = {**(tool.metadata or {}), "title": tool.name.replace("_", " ").capitalize(), "icon": ICON}
        return tool.model_copy(update={"name": name, "metadata": metadata})


def _innermost(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    text = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@dataclass(frozen=True, slots=True)
class Offer:
    """What a server offers now, or why it does not."""

    name: str
    plugin: Plugin
    tools: tuple[BaseTool, ...] = ()
    error: PluginError | None = None


class MCPServers:
    """The servers of one file, which is read again when it changes. Safe to use from several threads."""

    def __init__(self, path: Path, run: Run) -> None:
        self._path = path
        self._run = run
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}

    def offers(self) -> Sequence[Offer]:
        """Return what each server offers; those that are new, changed or gone are started and ended."""
        with self._lock:
            try:
                self._look()
            except PluginError as error:
                self._end(set(self._sessions))
                return [Offer("mcp", Plugin(title="MCP servers", icon=ICON), error=error)]
            for session in self._sessions.values():
                session.wait()
            return [_offer(session) for session in self._sessions.values()]

    def _look(self) -> None:
        listed = {name: server for name, server in read(self._path).items() if not server.disabled}
        changed = {name for name, session in self._sessions.items() if listed.get(name) != session.server}
        renewed = {name: session for name, session in self._sessions.items() if session.is_to_be_renewed}
        self._end(changed | renewed.keys())
        for name in listed.keys() - self._sessions.keys():
            earlier = renewed[name].error if name in renewed and not renewed[name].tools else None
            self._sessions[name] = Session(name, listed[name], self._run, earlier)
        self._sessions = {name: self._sessions[name] for name in listed}

    def _end(self, names: set[str]) -> None:
        for name in names:
            self._sessions.pop(name).close(self._run)

    async def aclose(self) -> None:
        """End all sessions, and the processes behind them."""
        sessions, self._sessions = list(self._sessions.values()), {}
        for session in sessions:
            session.close(self._run)
        held = [asyncio.wrap_future(session._held) for session in sessions]  # noqa: SLF001 - of this module
        if held:
            await asyncio.wait(held, timeout=3)


def _offer(session: Session) -> Offer:
    server = session.server
    about = Plugin(
        title=session.name,
        description=f"Tools of the MCP server “{session.name}”.",
        icon=ICON,
        approval=server.approval,
        timeout=server.timeout,
    )
    return Offer(session.name, about, () if session.error else session.tools, session.error)
