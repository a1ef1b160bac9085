"""The files of the conversation, put into the working folder before code runs."""

from orchat import ArtifactRef
from orchat.agent.contract import Files
from orchat.sandbox import Sandbox, safe_name

ATTACHED = "attachment"
"""The kind of files that a person brought, as opposed to what tools made."""


def bring_files(files: Files, box: Sandbox) -> list[str]:
    """Put what a person attached into the folder where it is missing; return the names it got there."""
    there = set(box.files.names())
    brought = []
    for name, file in _by_name(files.all()).items():
        if name not in there:
            brought.append(box.files.write(name, files.read(file.sha256)))
    return brought


def _by_name(files: list[ArtifactRef]) -> dict[str, ArtifactRef]:
    """The newest of each name."""
    return {safe_name(file.name): file for file in files if file.kind == ATTACHED}
