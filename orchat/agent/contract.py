"""The contract between orchat and a tool: what a plugin says about itself, what it is given, what it may return.

Imports nothing heavy: plugins and pages use it before LangChain is loaded.
"""

import contextlib
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from threading import Event
from typing import TYPE_CHECKING, Any, Literal, Protocol

from orchat.errors import ToolStoppedError
from orchat.wire import JSON

if TYPE_CHECKING:
    from pydantic import BaseModel

    from orchat.agent.openrouter import ChatOpenRouter
    from orchat.openrouter import Catalogue
    from orchat.sandbox import Sandbox
    from orchat.sources import Documents

Approval = Literal["ask", "auto"]
"""Whether a person is asked before a tool runs."""

ArtifactKind = Literal["image", "table", "chart", "file", "html", "text", "sources"]
TOOL_TIMEOUT = 60.0
ICON = ":material/extension:"


@dataclass(frozen=True, slots=True)
class Plugin:
    """What a plugin says about itself, as `PLUGIN` in its module. `timeout` is seconds for one call.

    `requires` are requirement strings as in requirements.txt: a missing one is reported, and never installed.
    `settings` is a pydantic model whose fields become a form; the filled model is `ToolContext.settings`.
    `sandbox`: its tools run code in the sandbox, and are not offered where there is none.
    """

    title: str = ""
    description: str = ""
    icon: str = ICON
    version: str = ""
    requires: tuple[str, ...] = ()
    settings: "type[BaseModel] | None" = None
    approval: Approval = "ask"
    timeout: float = TOOL_TIMEOUT
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class ToolInfo:
    """A tool as it is offered: `plugin` is the name of the plugin that brings it."""

    name: str
    plugin: str
    title: str
    description: str
    icon: str = ICON
    approval: Approval = "ask"
    timeout: float = TOOL_TIMEOUT
    tokens: int = 0
    """About how many tokens its description takes in each request to a model."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """Something a tool made for the person, beside the text that it returns to the model."""

    kind: ArtifactKind
    name: str
    mime: str
    data: bytes = field(repr=False)

    @classmethod
    def image(cls, data: bytes, name: str = "image.png", mime: str = "image/png") -> "Artifact":
        """A picture: PNG, JPEG, WebP or GIF."""
        return cls("image", name, mime, data)

    @classmethod
    def table(cls, rows: Sequence[Mapping[str, Any]], name: str = "table.csv") -> "Artifact":
        """A table, a mapping for each row; the first row's keys are its columns."""
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]) if rows else [], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
        return cls("table", name, "text/csv", text.getvalue().encode())

    @classmethod
    def vega(cls, spec: Mapping[str, Any], name: str = "chart.json") -> "Artifact":
        """A Vega-Lite chart with its data inside."""
        return cls("chart", name, "application/vnd.vegalite.v5+json", json.dumps(spec).encode())

    @classmethod
    def plotly(cls, figure: Mapping[str, Any], name: str = "chart.json") -> "Artifact":
        """A Plotly figure as a JSON object: `figure.to_plotly_json()`."""
        return cls("chart", name, "application/vnd.plotly.v1+json", json.dumps(figure).encode())

    @classmethod
    def html(cls, text: str, name: str = "page.html") -> "Artifact":
        """A web page, shown in a frame that cannot reach anything of orchat's."""
        return cls("html", name, "text/html", text.encode())

    @classmethod
    def text(cls, text: str, name: str = "output.txt") -> "Artifact":
        """Text that is offered as a file."""
        return cls("text", name, "text/plain", text.encode())


@dataclass(frozen=True, slots=True)
class ArtifactRef:
    """Where an artifact is kept: its bytes are in the store under their SHA-256."""

    kind: str
    name: str
    mime: str
    size: int
    sha256: str

    def to_json(self) -> JSON:
        """Return it as it stands in a message's details."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call that a person has to decide about."""

    id: str
    tool: str
    title: str
    icon: str
    description: str
    arguments: dict[str, Any] = field(hash=False)

    def to_json(self) -> JSON:
        """Return it as it stands in a message's details."""
        return asdict(self)


class Files(Protocol):
    """The files of a conversation. All methods block: an async tool calls them in a thread."""

    def save(self, artifact: Artifact) -> ArtifactRef:
        """Keep an artifact with the conversation; the same bytes are kept once."""
        ...

    def read(self, sha256: str) -> bytes:
        """Return the bytes of a file. Raises NotFoundError when there is none that belongs to this user."""
        ...

    def all(self) -> list[ArtifactRef]:
        """Return what the conversation has, oldest first."""
        ...


@dataclass(frozen=True)
class ToolContext:
    """What a tool may know and use, given to `get_tools(ctx)` and as `runtime.context`.

    A plugin is also asked for its tools when it is loaded, only to list them: `conversation_id` is "" then, and
    `files` and what follows it are None.
    """

    owner: str = ""
    """The user who asks."""
    conversation_id: str = ""
    """The conversation; empty when the tools are only listed."""
    zdr: bool = False
    """Whether zero data retention is on: a tool that sends what it gets elsewhere has to say so, or refuse."""
    temporary: bool = False
    """Whether the conversation is temporary: a tool may write nothing of it to a disk, or has to refuse."""
    settings: Any = None
    """The plugin's settings: an instance of its `Plugin.settings`, None where it has none."""
    files: Files | None = None
    """The conversation's files: `save(artifact)`, `read(sha256)`, `all()`. All of them block."""
    catalogue: "Callable[[], Catalogue] | None" = None
    """Returns OpenRouter's models as they are known now, without asking for them."""
    sandbox: "Callable[[], Sandbox] | None" = None
    """Returns the conversation's sandbox: Python that keeps its state. Blocks, and raises SandboxUnavailableError."""
    reach: str = ""
    """What code in the sandbox may reach over the network, in words: the hosts that the operator named. Often empty."""

    documents: "Documents | None" = None
    """The documents that the conversation can search: `search(query)` returns numbered sources to cite. Blocks."""

    chat_model: "Callable[..., ChatOpenRouter] | None" = None
    """Returns a LangChain chat model: `chat_model()` the person's, `chat_model("a/b", temperature=0)` another one. Zero
    data retention, budgets and the ledger hold for it, and what it costs is shown with the call."""

    @property
    def cancelled(self) -> bool:
        """Whether the call that runs here was stopped, or took longer than it may: give up."""
        call = _running.get()
        return call is not None and call.cancelled.is_set()

    def raise_if_cancelled(self) -> None:
        """End a tool that was stopped; to be called now and then by one that blocks for long.

        Raises:
            ToolStoppedError: the call was stopped, or took longer than it may.
        """
        if self.cancelled:
            raise ToolStoppedError("The tool was stopped.")

    @staticmethod
    def progress(text: str, fraction: float | None = None) -> None:
        """Say what the tool is doing now; `fraction` is how far it is, from 0 to 1. Any thread may say it."""
        if (call := _running.get()) is not None:
            call.report(text, fraction)

    @staticmethod
    def output(text: str) -> None:
        """Show more of what the tool writes while it works, one piece after the other. Any thread may do it."""
        if (call := _running.get()) is not None:
            call.write(text)

    @staticmethod
    def failed(reason: str) -> None:
        """Say that what was asked for failed, in a few words, though there is something to return: output, a file."""
        if (call := _running.get()) is not None:
            call.failures.append(reason)


@dataclass(frozen=True)
class RunningCall:
    """The call that runs in this context: where its progress and output go, and whether it was stopped."""

    id: str
    report: Callable[[str, float | None], None]
    write: Callable[[str], None] = field(default=lambda _: None)
    cancelled: Event = field(default_factory=Event)
    costs: list[Decimal] = field(default_factory=list)
    """What the models that it has asked cost, in US dollars."""
    failures: list[str] = field(default_factory=list)
    """Why it failed, where the tool says so and returns something all the same."""


_running: ContextVar[RunningCall | None] = ContextVar("orchat_running_call", default=None)


@contextlib.contextmanager
def running(call: RunningCall) -> Iterator[None]:
    """Make `call` the one that runs in this context and in the threads and tasks that it starts."""
    token = _running.set(call)
    try:
        yield
    finally:
        _running.reset(token)


def charge(cost: Decimal) -> None:
    """Add to what the call that runs in this context has cost."""
    if (call := _running.get()) is not None:
        call.costs.append(cost)


def artifacts_in(value: Any) -> Iterable[Artifact]:
    """Return the artifacts in what a tool returned as its artifact: one, or a list of them."""
    candidates = value if isinstance(value, list | tuple) else [value]
    return [candidate for candidate in candidates if isinstance(candidate, Artifact)]
