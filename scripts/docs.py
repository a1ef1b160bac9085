"""Write the parts of the documentation that the code knows best.

Usage: python scripts/docs.py [--check]. A part lies between `<!-- generated: NAME -->` and `<!-- end -->` in a Markdown
file. With --check nothing is written, and the exit status is 1 when a part is not what the code says today.
"""

import ast
import importlib
import inspect
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import AliasChoices
from starlette.routing import Mount, Route

# orchat need not be installed: the app is run from its folder too.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from orchat import errors
from orchat.agent.contract import Plugin, ToolContext
from orchat.demo import create_app
from orchat.demo.demo_models import DEMO_MODELS
from orchat.errors import Action, OpenRouterError, OrchatError
from orchat.openrouter import RetryPolicy
from orchat.settings import Settings, changeable
from orchat.settings.changing import variable

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "docs")
PART = re.compile(r"(?<=<!-- generated: )(\w+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)


def main(arguments: list[str]) -> int:
    """Write what is out of date, or only name it; returns the exit status."""
    stale = [path for path in documents() if with_parts(path.read_text("utf-8")) != path.read_text("utf-8")]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not current")
        if "--check" not in arguments:
            path.write_text(with_parts(path.read_text("utf-8")), "utf-8")
    return 1 if stale and "--check" in arguments else 0


def documents() -> list[Path]:
    """Every Markdown file that may have generated parts."""
    named = [ROOT / name for name in DOCUMENTS]
    return [file for path in named for file in (sorted(path.rglob("*.md")) if path.is_dir() else [path])]


def with_parts(text: str) -> str:
    """Return a document with each of its parts as the code says today."""
    return PART.sub(lambda part: f"{part[1]}{part[2]}\n{PARTS[part[1]]()}\n", text)


def settings() -> str:
    """Every setting with its default and meaning."""
    rows = ((f"`{name}`", shown(default), meaning) for name, default, meaning in setting_fields())
    on_the_page = ", ".join(f"`{variable(field)}`" for field in changeable().values())
    while_running = f"Operators can also set these on the page *Administration*, while orchat runs: {on_the_page}."
    return f"{table(('Variable', 'Default', 'Meaning'), rows)}\n\n{while_running}"


def setting_fields() -> Iterator[tuple[str, Any, str]]:
    """Each setting's variable, default and meaning."""
    for field in Settings.model_fields.values():
        assert isinstance(field.validation_alias, AliasChoices)
        yield str(field.validation_alias.choices[0]), field.default, str(field.description)


def shown(default: Any) -> str:
    """A default as it would be written in `.env`."""
    if default is None or default in ("", ()):
        return "–"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def error_tables() -> str:
    """Every error class: those of orchat itself, the base of OpenRouter's, then each branch of its tree."""
    own = [kind for kind in descendants(OrchatError) if not issubclass(kind, OpenRouterError)]
    branches = [error_table(branch, *descendants(branch)) for branch in subclasses(OpenRouterError)]
    return "\n".join((error_table(OrchatError, *own), error_table(OpenRouterError), *branches))


def error_table(*kinds: type[OrchatError]) -> str:
    """A table of error classes under the name of the first."""
    heading = ("Class", "What happened", "What to do", "Offered on the page", "Sent again")
    return f"### {kinds[0].__name__}\n\n{table(heading, map(error_row, kinds))}"


def subclasses(kind: type[OrchatError]) -> list[type[OrchatError]]:
    """The direct subclasses that `orchat.errors` offers, in the order of the tree in its docstring."""
    tree = inspect.getdoc(errors) or ""
    # By identity: ChatOpenRouter makes classes of the same names, which are LangChain's errors too.
    children = [child for child in kind.__subclasses__() if getattr(errors, child.__name__, None) is child]
    return sorted(children, key=lambda child: tree.index(f"── {child.__name__}\n"))


def descendants(kind: type[OrchatError]) -> Iterator[type[OrchatError]]:
    """All subclasses, each before its own."""
    for child in subclasses(kind):
        yield child
        yield from descendants(child)


def error_row(kind: type[OrchatError]) -> tuple[str, ...]:
    """The table row of an error class; where a class has no advice or no action of its own, its parent's hold."""
    actions = ", ".join(wording(action) for action in kind.actions)
    return f"`{kind.__name__}`", summary(kind), kind.advice or "–", actions or "–", retried(kind)


def wording(action: Action) -> str:
    """An action in words."""
    return action.value.replace("_", " ").replace("zdr", "ZDR")


def retried(kind: type[OrchatError]) -> str:
    """Whether the clients send a request again by themselves after such an error."""
    if not issubclass(kind, OpenRouterError):
        return "–"
    error = kind("")
    if RetryPolicy().delay(error, 1) is None:
        return "no"
    return "unless it may have been billed" if hasattr(error, "sent") else "yes"


def routes() -> str:
    """The routes of the embedded OpenRouter, below its base address."""
    api = next(route for route in create_app().routes if isinstance(route, Mount))
    answered = [route for route in api.routes if isinstance(route, Route) and "{path" not in route.path]
    rows = ((f"`{method(route)} {route.path}`", summary(route.endpoint)) for route in answered)
    return table(("Route", "Answers with"), rows)


def method(route: Route) -> str:
    """The method that a route is meant for; Starlette adds HEAD to GET."""
    return "POST" if "POST" in (route.methods or ()) else "GET"


def demo_models() -> str:
    """The models that behave in a particular way on purpose."""
    closing = " A simulated model for trying out a client."
    return table(("Model", "What it does"), ((f"`{m.id}`", m.description.removesuffix(closing)) for m in DEMO_MODELS))


def plugin() -> str:
    """Every key of PLUGIN with its default and meaning."""
    defaults = {field.name: field.default for field in fields(Plugin)}
    rows = ((f"`{name}`", f"`{default!r}`", PLUGIN_KEYS[name]) for name, default in defaults.items())
    return table(("Key", "Default", "Meaning"), rows)


PLUGIN_KEYS = {
    "title": "Its name on the page; without one, that of the file.",
    "description": "What it is for; without one, the first line of the module's docstring.",
    "icon": "A Material icon (`:material/…:`) or an emoji.",
    "version": "Its version, for people.",
    "requires": "Requirements as in requirements.txt. A missing one is reported, and never installed.",
    "settings": "A pydantic model whose fields become a form.",
    "approval": "`ask` a person before it runs, or run it by itself (`auto`).",
    "timeout": "Seconds that a call may take.",
    "sandbox": "Its tools run code in the sandbox: where there is none they are not offered, and the page says why.",
}


def context() -> str:
    """Every field of a tool's context, as its docstring says."""
    return table(("Field", "Meaning"), ((f"`{name}`", meaning) for name, meaning in documented(ToolContext)))


def documented(kind: type) -> Iterator[tuple[str, str]]:
    """Yield the fields of a class that have a docstring behind them."""
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)
    for field, doc in pairwise(body.body):
        if isinstance(field, ast.AnnAssign) and isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant):
            yield ast.unparse(field.target), " ".join(str(doc.value.value).split())


def layers() -> str:
    """The layers as import-linter holds them, highest first, with what each module says it is."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    order = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    names = (re.findall(r"\w+", layer) for layer in order)
    existing = ([module for name in layer if (module := find(name))] for layer in names)
    rows = ((lines(map(short_name, layer)), lines(map(said, layer))) for layer in existing if layer)
    return table(("Layer", "What it is"), rows)


def find(name: str) -> ModuleType | None:
    """A module of orchat, None while it is only planned."""
    beside = ROOT / "orchat" / name
    there = beside.with_suffix(".py").is_file() or (beside / "__init__.py").is_file()
    return importlib.import_module(f"orchat.{name}") if there else None


def short_name(module: ModuleType) -> str:
    """A module's name below orchat, as code."""
    return f"`{module.__name__.removeprefix('orchat.')}`"


def said(module: ModuleType) -> str:
    """What a module says it is, without the name that the sentence may begin with."""
    text = re.sub(r"^\w+(, \w+)*: ", "", summary(module))
    return text[:1].upper() + text[1:]


def lines(texts: Iterable[str]) -> str:
    """Several lines in one cell: siblings of a layer."""
    return "<br>".join(texts)


def summary(thing: object) -> str:
    """The first paragraph of a docstring as one line."""
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def table(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    return "".join(f"| {' | '.join(row)} |\n" for row in (heading, ("---",) * len(heading), *rows))


PARTS: dict[str, Callable[[], str]] = {
    "settings": settings,
    "errors": error_tables,
    "routes": routes,
    "demo_models": demo_models,
    "layers": layers,
    "plugin": plugin,
    "context": context,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
