"""What turns a folder into an interpreter: a backend, the Python for user code, and limits."""

import contextlib
import dataclasses
import os
import socket
from pathlib import Path

from orchat.errors import SandboxUnavailableError
from orchat.sandbox.egress import Egress, Handover
from orchat.sandbox.environment import UserEnvironment
from orchat.sandbox.folders import remove_tree
from orchat.sandbox.gateway import GatewayKernel
from orchat.sandbox.kernel import Kernel, LocalKernel
from orchat.sandbox.launch import Backend, Place
from orchat.sandbox.limits import Limits
from orchat.sandbox.python import user_python
from orchat.sandbox.scratch import Scratch
from orchat.sandbox.users import can_separate, claim_uid, give, release_uid

UNCONFINED = "unsafe"
NOT_IN_MEMORY = "Code cannot be run in a temporary chat, of which nothing is written to a disk:"


class Engine:
    """Starts interpreters, all in the same way."""

    is_here = True
    """Whether they run on this machine."""

    def __init__(
        self,
        backend: Backend,
        environment: UserEnvironment,
        scratch: Scratch,
        limits: Limits,
        egress: Egress | None = None,
    ) -> None:
        """Let code reach what `egress` allows, with a backend that can hold it to that; nothing with the others."""
        self.backend = backend
        self.environment = environment
        self.scratch = scratch
        self.limits = limits
        self.egress = egress if backend.own_network else None

    @property
    def name(self) -> str:
        """The backend's."""
        return self.backend.name

    def in_memory(self, scratch: Scratch) -> "Engine":
        """The same for interpreters whose files are in memory, their temporary ones in `scratch` too.

        Raises:
            SandboxUnavailableError: with this backend, code can write elsewhere.
        """
        if self.backend.name == UNCONFINED:
            raise SandboxUnavailableError(f"{NOT_IN_MEMORY} with ORCHAT_SANDBOX=unsafe code can write anywhere.")
        return Engine(self.backend, self.environment, scratch, self.limits, self.egress)

    def start(self, workspace: Path, limits: Limits) -> Kernel:
        """Start an interpreter on a folder.

        Raises:
            SandboxUnavailableError: it does not start.
        """
        return self.start_here(workspace, limits)

    def start_here(self, workspace: Path, limits: Limits) -> LocalKernel:
        """Start an interpreter on a folder; the environment is made first where it is missing.

        Raises:
            SandboxUnavailableError: it does not start.
        """
        python = user_python(self.environment.ensure())
        place = Place(workspace, self.scratch.new("tmp"), limits, python, egress=self.egress)
        uid = claim_uid() if can_separate() and self.backend.separates(place) else None
        if uid is not None:
            place = dataclasses.replace(place, uid=uid)
        if os.geteuid() == 0:
            # An earlier session may have left it to a user of its own.
            give(workspace, uid or 0)

        ending = contextlib.ExitStack()
        if uid is not None:
            ending.callback(release_uid, uid)
        ending.callback(remove_quietly, place.temporary)
        return self._start(place, ending)

    def _start(self, place: Place, ending: contextlib.ExitStack) -> LocalKernel:
        with contextlib.ExitStack() as failing:
            failing.callback(ending.close)
            launch = self.backend.launch(place)
            if launch.handover:
                ending.callback(launch.handover.close)
            kernel = LocalKernel(launch, place, ending.close)
            if self.egress and launch.handover:
                failing.callback(kernel.close)
                ending.callback(self.egress.proxy.serve(port_of(launch.handover)))
            failing.pop_all()
        if not kernel.alive:
            ending.close()
        return kernel


def remove_quietly(folder: Path) -> None:
    """Remove a folder, if it can be."""
    with contextlib.suppress(OSError):
        remove_tree(folder)


def port_of(handover: Handover) -> socket.socket:
    """The socket on which an interpreter waits for the proxy.

    Raises:
        SandboxUnavailableError: it has none.
    """
    try:
        return handover.take()
    except OSError as error:
        raise SandboxUnavailableError(f"The interpreter did not start: {error}.") from None


class GatewayEngine(Engine):
    """Starts interpreters on a Jupyter server."""

    is_here = False

    def __init__(self, server: str, token: str | None, here: Engine) -> None:
        super().__init__(here.backend, here.environment, here.scratch, here.limits)
        self._server = server
        self._token = token

    @property
    def name(self) -> str:
        """The backend's."""
        return "gateway"

    def in_memory(self, scratch: Scratch) -> Engine:  # noqa: ARG002 - the files are on the server
        """Refuse.

        Raises:
            SandboxUnavailableError: always.
        """
        raise SandboxUnavailableError(f"{NOT_IN_MEMORY} the Jupyter server that runs code here has files on its disk.")

    def start_here(self, workspace: Path, limits: Limits) -> LocalKernel:  # noqa: ARG002 - it starts none
        """Refuse: nothing runs on this machine.

        Raises:
            SandboxUnavailableError: always.
        """
        raise SandboxUnavailableError("With a gateway no interpreter runs on this machine.")

    def start(self, workspace: Path, limits: Limits) -> Kernel:  # noqa: ARG002 - the server has limits of its own
        """Start one there.

        Raises:
            SandboxUnavailableError: it does not start.
        """
        return GatewayKernel(self._server, self._token, workspace)
