"""The ways to isolate an interpreter, best first."""

from collections.abc import Callable

from orchat.sandbox.backends.bwrap import Bwrap
from orchat.sandbox.backends.landlock import Landlock
from orchat.sandbox.backends.unsafe import Unsafe
from orchat.sandbox.launch import Backend

LOCAL: dict[str, Callable[[], Backend]] = {"bwrap": Bwrap, "landlock": Landlock, "unsafe": Unsafe}
