"""The ways to isolate an interpreter, best first."""

from collections.abc import Callable, Mapping

from orchat.sandbox.backends.bwrap import Bwrap
from orchat.sandbox.backends.docker import Docker
from orchat.sandbox.backends.landlock import Landlock
from orchat.sandbox.backends.unsafe import Unsafe
from orchat.sandbox.launch import Backend
from orchat.settings import Settings

LOCAL: Mapping[str, Callable[[Settings], Backend]] = {
    "bwrap": lambda _: Bwrap(),
    "landlock": lambda _: Landlock(),
    "docker": lambda settings: Docker(settings.sandbox_image),
    "unsafe": lambda _: Unsafe(),
}
