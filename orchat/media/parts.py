"""Parts of a request: what a kept file becomes for a model, or the words in its place where the model takes none."""

import base64
import json

from orchat.errors import NotFoundError
from orchat.media.kinds import FORMATS
from orchat.media.taking import FileData, Reading, Takes
from orchat.openrouter.outgoing import TEXT_FILE
from orchat.wire import JSON


def before(reference: JSON, read: FileData, takes: Takes, reading: Reading) -> list[JSON]:
    """Return the parts that stand before what a person says: files as text, and stubs."""
    try:
        return _texts(reference, read, takes, reading)
    except NotFoundError:
        return [stub(reference, "it is not kept any more")]


def behind(reference: JSON, read: FileData, takes: Takes, reading: Reading) -> list[JSON]:
    """Return the parts that stand behind it: pictures, sound, and files that the model or a plugin reads."""
    medium, mime = reference.get("medium"), str(reference.get("mime"))
    whole = medium == "pdf" and takes.reads(reading) is not Reading.HERE
    if not (whole or (medium == "image" and takes.images) or (medium == "audio" and takes.audio)):
        return []
    try:
        data = base64.b64encode(read(str(reference["sha256"]))).decode()
    except NotFoundError:
        return []
    if medium == "image":
        return [image(f"data:{mime};base64,{data}")]
    if medium == "audio":
        return [{"type": "input_audio", "input_audio": {"data": data, "format": FORMATS.get(mime, "wav")}}]
    return [{"type": "file", "file": {"filename": str(reference["name"]), "file_data": f"data:{mime};base64,{data}"}}]


def image(url: str) -> JSON:
    """Return a picture as it stands in a request."""
    return {"type": "image_url", "image_url": {"url": url}}


def stub(reference: JSON, reason: str) -> JSON:
    """Return the words that stand for a file that does not go along."""
    what = {"image": "image", "audio": "audio"}.get(str(reference.get("medium")), "file")
    return {"type": "text", "text": f"[{what} {_quoted(reference)} removed: {reason}]"}


def _texts(reference: JSON, read: FileData, takes: Takes, reading: Reading) -> list[JSON]:
    match reference.get("medium"):
        case "image":
            return _present(reference, read) if takes.images else [stub(reference, "this model takes no images")]
        case "audio":
            return _present(reference, read) if takes.audio else [stub(reference, "this model takes no audio")]
        case "pdf" if takes.reads(reading) is not Reading.HERE:
            return _present(reference, read)
        case "text":
            return [_text(reference, read(str(reference["sha256"])).decode("utf-8", "replace"))]
    if "text" not in reference:
        return [stub(reference, "it has no text, and this model takes no files")]
    return [_text(reference, read(str(reference["text"])).decode("utf-8", "replace"))]


def _present(reference: JSON, read: FileData) -> list[JSON]:
    """Nothing, for a file that goes along as it is; raises NotFoundError for one that is gone."""
    read(str(reference["sha256"]))
    return []


def _text(reference: JSON, text: str) -> JSON:
    return {"type": "text", "text": f"{TEXT_FILE}{_quoted(reference)}>\n{text}\n</file>"}


def _quoted(reference: JSON) -> str:
    # The name is a person's: quoted, it stands apart from what orchat says.
    return json.dumps(str(reference.get("name")), ensure_ascii=False)
