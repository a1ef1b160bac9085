"""The start of the runner: protected first, then ready for cells."""

import os
import sys
from typing import NoReturn

from .channel import Channel
from .libraries import prepare_libraries
from .port import open_port
from .protect import protect
from .session import Session


def main(outgoing: int | None) -> NoReturn:
    """Serve the application that holds the other end; `outgoing` is the descriptor to answer on."""
    channel = Channel(outgoing)
    set_up = channel.read()
    if set_up.get("port"):
        open_port(set_up["port"])
    protect(set_up)
    os.chdir(set_up["workspace"])
    sys.argv[:] = [""]
    # Last, so that a file that somebody puts there cannot pass for a module of the standard library.
    sys.path.append("")
    prepare_libraries(set_up)
    Session(channel, set_up).serve()
