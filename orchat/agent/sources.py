"""Sources that a tool found, kept as an artifact of its call."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from orchat.agent.contract import Artifact, Files
from orchat.errors import NotFoundError
from orchat.sources import Source, from_json, to_json
from orchat.store import Message
from orchat.wire import objects

KIND: Final = "sources"
"""The kind of such an artifact."""
MIME = "application/vnd.orchat.sources+json"


def kept(sources: Sequence[Source]) -> Artifact:
    """Return sources as the artifact of the call that found them."""
    data = json.dumps(to_json(sources), ensure_ascii=False).encode()
    return Artifact(KIND, "sources.json", MIME, data)


def read_kept(data: bytes) -> list[Source]:
    """Return the sources of an artifact; what is none, whatever it says, is left out."""
    try:
        found: Any = json.loads(data)
    except (ValueError, RecursionError):
        return []
    return from_json(found)


def kept_by(artifacts: Any) -> list[str]:
    """Return the SHA-256 of those of a call's artifacts that are sources."""
    return [str(artifact.get("sha256")) for artifact in objects(artifacts) if artifact.get("kind") == KIND]


def sources_of(message: Message, files: Files) -> list[Source]:
    """Return the sources that a call found; `message` is the one that holds its result."""
    found = kept_by((message.details or {}).get("artifacts"))
    return [source for sha256 in found for source in _read(sha256, files)]


def _read(sha256: str, files: Files) -> list[Source]:
    try:
        return read_kept(files.read(sha256))
    except NotFoundError:
        return []


def last_number(messages: Iterable[Message], files: Files) -> int:
    """Return the highest number that a source in these messages has; 0 where there is none."""
    return max((source.number for message in messages for source in sources_of(message, files)), default=0)
