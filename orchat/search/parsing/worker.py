"""The reading process: one request on its standard input, one answer on its standard output, then it ends.

Run by `orchat.search.parsing.child`. A request is a line of JSON, after which the file's bytes follow where it names no
path. An answer is lines of JSON, after which the bytes of a page or a picture follow.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from orchat.errors import DocumentError, DocumentTooLargeError
from orchat.search.document import Parsed
from orchat.search.parsing.confinement import forbid_network_and_programs, limit_resources
from orchat.search.parsing.limits import ParseLimits
from orchat.search.parsing.reading import read

MEMORY = "Reading the file takes more memory than it may."


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.stdin.buffer.readline())
    limits = ParseLimits(**request["limits"])
    path = request["path"]
    data = Path(path).read_bytes() if path else sys.stdin.buffer.read(request["size"])
    limit_resources(memory=limits.memory, cpu=limits.cpu_for(len(data)))
    forbid_network_and_programs()
    out = sys.stdout.buffer
    try:
        if request["page"] is not None:
            _write_page(out, data, limits, request["page"])
        elif request["picture"] is not None:
            _write_picture(out, data, request["picture"])
        else:
            _write_parsed(out, read(data, limits))
    except DocumentError as error:
        _write(out, {"error": type(error).__name__, "message": error.message, "advice": error.advice})
    except MemoryError:
        _write(out, {"error": DocumentTooLargeError.__name__, "message": MEMORY, "advice": None})
    out.flush()


def _write_parsed(out: BinaryIO, parsed: Parsed) -> None:
    head = {"mime": parsed.mime, "title": parsed.title, "pages": parsed.pages}
    _write(out, {"parsed": head | {"pages_without_text": parsed.pages_without_text}, "parts": len(parsed.parts)})
    for part in parsed.parts:
        _write(out, {"text": part.text, "place": asdict(part.place)})


def _write_page(out: BinaryIO, data: bytes, limits: ParseLimits, page: dict[str, Any]) -> None:
    if page.get("alone"):
        from orchat.search.parsing.readers.pdf import page_alone

        drawn = page_alone(data, page["number"])
    else:
        from orchat.search.parsing.rendering import render

        drawn = render(data, limits, **page)
    _write(out, {"page": len(drawn)})
    out.write(drawn)


def _write_picture(out: BinaryIO, data: bytes, wanted: dict[str, Any]) -> None:
    from orchat.search.parsing.pictures import made_anew

    made = made_anew(data, **wanted)
    about = {"mime": made.mime, "width": made.width, "height": made.height}
    _write(out, {"about": about, "picture": len(made.data)})
    out.write(made.data)


def _write(out: BinaryIO, message: dict[str, Any]) -> None:
    out.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


if __name__ == "__main__":
    main()
