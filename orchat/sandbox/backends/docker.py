"""Docker: a container for each interpreter, for machines that have no better way of their own (macOS, Windows).

Whoever may start containers is root on their host: give this to an application on your own machine, not on a server.
"""

import atexit
import base64
import logging
import os
import secrets
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from orchat.sandbox import seccomp
from orchat.sandbox.backends.bwrap import INSIDE, SHARED, SHARED_SIZE, TEMPORARY, WORKSPACE
from orchat.sandbox.backends.system import environment
from orchat.sandbox.launch import RUNNER, Launch, Place

PYTHON = 'exec env -i "$@" $(command -v /opt/code/bin/python || command -v python3) -I -B ' + INSIDE
"""The image's environment for code, or its Python, with the variables that it is given and none of the image's."""
SOMEBODY = 1000
GUARD = 'cat; for id in $("$1" ps --quiet --filter "label=$2"); do "$1" kill "$id"; done >/dev/null 2>&1'
"""Its input ends when orchat does, however that comes."""
ANSWERS_WITHIN = 20.0
log = logging.getLogger(__name__)
_guards: list[subprocess.Popen[bytes]] = []
"""Kept, since their input is closed with them."""


class Docker:
    """Runs interpreters in containers of an image."""

    name = "docker"
    own_network = False

    def __init__(self, image: str) -> None:
        self._image = image
        self._program = shutil.which("docker")

    def missing(self) -> str | None:
        """Whether there is a Docker that answers, and the image."""
        if self._program is None:
            return "docker is not installed"
        command = [self._program, "image", "inspect", "--format", "{{.Id}}", self._image]
        try:
            asked = subprocess.run(command, capture_output=True, text=True, timeout=ANSWERS_WITHIN, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"docker does not answer: {error}"
        return None if asked.returncode == 0 else (asked.stderr.strip().splitlines() or ["docker failed"])[-1]

    def separates(self, place: Place) -> bool:  # noqa: ARG002 - other backends look at it
        """Always: the container's user is a number."""
        return True

    def launch(self, place: Place) -> Launch:
        """Start a container without network, capabilities or a file system to write to."""
        name = f"orchat-{secrets.token_hex(8)}"
        program = self._program or "docker"
        label = guard(program)
        return Launch(
            [
                *(program, "run", "--label", label, "--rm", "--interactive", "--name", name, *self._options(place)),
                *("sh", "-c", PYTHON, "sh", *(f"{name}={value}" for name, value in variables(place).items())),
            ],
            lambda _pid: set_up(place),
            # Docker's client finds its server by variables and in its owner's folder; the container gets none of them.
            environment=None,
            separate_output=False,
            container=lambda: self._first_process(name),
            temporary_folders=(TEMPORARY, SHARED),
            interrupt=lambda: call([program, "kill", "--signal", "INT", name]),
            kill=lambda: call([program, "kill", name]),
        )

    def _first_process(self, name: str) -> int | None:
        """A container's first process as its host numbers it; None if that is not where orchat is."""
        told = call([self._program or "docker", "inspect", "--format", "{{.State.Pid}} {{.Id}}", name]).split()
        try:
            pid, identity = int(told[0]), told[1]
            # In another machine or namespace the number is somebody else's.
            return pid if identity in Path(f"/proc/{pid}/cgroup").read_text() else None
        except (OSError, LookupError, ValueError):
            return None

    def _options(self, place: Place) -> list[str]:
        limits = place.limits
        user = place.uid or os.getuid() or SOMEBODY
        memory = str(limits.memory)
        return [
            *("--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
            *("--pids-limit", str(limits.processes), "--memory", memory, "--memory-swap", memory, "--cpus", "2"),
            *("--ulimit", "core=0", "--user", f"{user}:{user}", "--log-driver", "none", "--init"),
            *(
                "--tmpfs",
                f"{TEMPORARY}:size={limits.temporary},nr_inodes={limits.files},mode=1777",
                "--shm-size",
                str(SHARED_SIZE),
            ),
            *("--volume", f"{place.workspace}:{WORKSPACE}", "--volume", f"{RUNNER}:{INSIDE}:ro"),
            self._image,
        ]


def variables(place: Place) -> dict[str, str]:
    """What code finds in its environment."""
    return environment(place.limits, WORKSPACE, TEMPORARY, place.python.executable.parent) | {"PATH": os.defpath}


@cache
def guard(program: str) -> str:
    """Start what ends this process' containers if it is killed and cannot; return the label to know them by.

    A container does not end with the client that started it.
    """
    label = f"orchat={secrets.token_hex(8)}"
    command = ["sh", "-c", GUARD, "orchat-guard", program, label]
    _guards.append(subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True))  # noqa: S603 - our own
    return label


@atexit.register
def _dismiss() -> None:
    for waiting in _guards:
        assert waiting.stdin is not None
        waiting.stdin.close()
        waiting.wait(ANSWERS_WITHIN)


def set_up(place: Place) -> dict[str, Any]:
    """What the runner is told; the filter for whatever the container's processor is."""
    scope = seccomp.Scope(namespaces=True)
    filters = {name: base64.b64encode(seccomp.program(name, scope)).decode() for name in seccomp.AUDIT_ARCHITECTURES}
    return {"rlimits": place.limits.rlimits(), "workspace": WORKSPACE, "tmp": TEMPORARY, "filters": filters}


def call(command: list[str]) -> str:
    """Run a command and return what it said, however it ended: what it is to end may have ended by itself."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ANSWERS_WITHIN, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("Docker does not answer; a container of the sandbox may be left: %s", error)
        return ""
    return done.stdout
