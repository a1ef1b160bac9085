"""Libraries that draw: what they need to know about a place without a screen."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any


def prepare_libraries(set_up: dict[str, Any]) -> None:
    """Point them to their folders; each is changed only when, and if, it is imported."""
    settings = os.path.join(set_up["tmp"], "matplotlib")
    os.makedirs(settings, exist_ok=True)
    os.environ["MPLCONFIGDIR"] = settings
    fonts = set_up.get("fonts")
    if fonts and os.path.isfile(fonts):
        # Looking for the fonts of the machine takes seconds, so it was done when the environment was made.
        shutil.copyfile(fonts, os.path.join(settings, os.path.basename(fonts)))
    sys.meta_path.insert(0, Drawing())


def figures_of(modules: Mapping[str, ModuleType]) -> Iterator[Any]:
    """The figures that a cell left open, which are then closed."""
    pyplot = modules.get("matplotlib.pyplot")
    if pyplot is None or not hasattr(pyplot, "get_fignums"):
        return
    for number in list(pyplot.get_fignums()):
        figure = pyplot.figure(number)
        if figure.axes or figure.texts or figure.images:
            yield figure
        pyplot.close(number)


def show_figures(*_: Any, **__: Any) -> None:
    for figure in figures_of(sys.modules):
        vars(sys.modules["builtins"])["display"](figure)


def show_plotly(figure: Any, *_: Any, **__: Any) -> None:
    vars(sys.modules["builtins"])["display"](figure)


class Drawing(MetaPathFinder):
    """Replaces the functions that would open a window or a browser, at the import of what has them."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname not in {"matplotlib.pyplot", "plotly.io"}:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = Showing(spec.loader)
        return spec


class Showing(Loader):
    """Loads a module as it is, then gives it our way to show."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        created: ModuleType | None = self._loader.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        vars(module)["show"] = show_figures if module.__name__ == "matplotlib.pyplot" else show_plotly
