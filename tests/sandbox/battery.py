"""Runs an attack and looks whether it got anywhere; `python -m tests.sandbox.battery BACKEND [GROUP ...]` runs many.

The command is for users and places that the test command does not run as: another user, a container.
"""

import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchat.sandbox import Limits, Result, Sandbox, engine_for
from orchat.sandbox.engine import Engine
from orchat.sandbox.limits import MIB
from orchat.settings import Settings
from tests.sandbox.attacks import ATTACKS, GROUPS
from tests.sandbox.world import World

LIMITS = Limits(
    memory=256 * MIB,
    cpu=20,
    disk=48 * MIB,
    files=2_000,
    file_size=32 * MIB,
    temporary=32 * MIB,
    text=200_000,
    output_size=8_000_000,
    processes=64,
)
PRELUDE = """
import contextlib, ctypes, os, platform, signal, socket, struct, subprocess, sys, threading, time
world = {world!r}
libc = ctypes.CDLL(None, use_errno=True)

def attempt(action):
    "Do what has to fail."
    try:
        result = action()
    except Exception as error:
        print("refused:", type(error).__name__)
    else:
        print("BREACH", repr(result)[:300])

def returns_error(status, wanted=(1, 13, 38)):
    "A call of the C library that has to be refused: as not permitted, or as if the kernel did not know it."
    if status != -1 or ctypes.get_errno() not in wanted:
        print("BREACH", status, ctypes.get_errno())

def tries(action):
    "Do what may seem to succeed; the host looks at what came of it."
    with contextlib.suppress(Exception):
        action()

def ours(pid):
    "Whether a number of the host's is one of our own here."
    return world["namespaces"] and pid in (1, os.getpid(), os.getppid())

def look_for(text):
    "Anything read goes out, so that the host can find its secret in it."
    print(text)

def read(path):
    with open(path, "rb") as file:
        return file.read(1_000_000)
"""
ALIVE = "print(6 * 7)"
IMAGE = os.environ.get("ORCHAT_TEST_IMAGE", "orchat:latest")  # noqa: TID251 - a setting of the tests
"""What the docker backend is tried with."""


@dataclass
class Battery:
    """A session under attack."""

    box: Sandbox
    world: World
    namespaces: bool
    """Whether processes inside have numbers of their own."""
    image: bool = False
    """Whether the file system inside is an image's, with files and users that are none of the host's."""

    @classmethod
    def of(cls, box: Sandbox, world: World, backend: str) -> "Battery":
        """The battery for a backend by its name."""
        return cls(box, world, backend in {"bwrap", "docker"}, backend == "docker")

    def attack(self, code: str, timeout: float = 20.0, *, may_break_itself: bool = False) -> Result:
        """Run an attack; fail if it got anywhere, or if the next cell does not work."""
        told = {**self.world.told(), "namespaces": self.namespaces, "image": self.image}
        result = self.box.run(PRELUDE.format(world=told) + code, timeout=timeout)
        said = result.stdout + result.stderr
        assert "BREACH" not in said, said[-2000:]
        self.world.check(repr(result))
        after = self.box.run(ALIVE, timeout=20)
        if may_break_itself and "42\n" not in after.stdout:
            # Whoever takes his own interpreter apart gets a new one when he asks.
            self.box.reset()
            after = self.box.run(ALIVE, timeout=20)
        assert "42\n" in after.stdout, after
        return result


def options(name: str) -> dict[str, Any]:
    """How an attack is run."""
    group = name.partition(":")[0]
    return {"timeout": 1.0 if group == "signals" else 20.0, "may_break_itself": group == "crashes"}


def run_all(engine: Engine, folder: Path, attacks: dict[str, str]) -> dict[str, str]:
    """Run attacks; what failed, and why."""
    world = World(folder / "world")
    failed = {}
    try:
        with Sandbox.open(folder / "workspace", LIMITS, engine=engine) as box:
            battery = Battery.of(box, world, engine.backend.name)
            for name, code in attacks.items():
                try:
                    battery.attack(code, **options(name))
                except AssertionError as error:
                    failed[name] = str(error)[-1000:]
    finally:
        world.close()
    return failed


def main() -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="orchat-battery-") as folder:
        Path(folder).chmod(0o755)
        settings = Settings(ORCHAT_DATA_DIR=folder, ORCHAT_SANDBOX_PACKAGES=False, ORCHAT_SANDBOX_IMAGE=IMAGE)
        attacks = {name: code for name, code in ATTACKS.items() if name.partition(":")[0] in (sys.argv[2:] or GROUPS)}
        failed = run_all(engine_for(sys.argv[1], settings), Path(folder), attacks)
    told = {"attacks": len(attacks), "failed": failed, "seconds": round(time.monotonic() - began, 1)}
    sys.stdout.write(json.dumps(told) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
