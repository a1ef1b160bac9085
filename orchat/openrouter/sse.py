"""Server-sent events: bytes cut at any place in, data and comments out. No I/O.

The rules are the WHATWG's (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream)
with two differences: an event that the end of the stream cuts off is still handed out (it may be a complete last
chunk without its blank line), and event names, ids and retry times are not kept, since OpenRouter sends none.
"""

from orchat.errors import MalformedResponseError

LONGEST_LINE = 64 * 2**20
"""Bytes of one line at most: room for generated images, and an end to a server that never ends its line."""

BOM = b"\xef\xbb\xbf"


class Comment(str):
    """The text of a comment line; OpenRouter sends `: OPENROUTER PROCESSING` while it waits for a provider."""

    __slots__ = ()


class SSEDecoder:
    """Splits a byte stream into the data of its events (`bytes`) and its comments (`Comment`).

    Lines end at CR, LF or CRLF only: U+2028, U+2029 and U+0085 are text, which JSON strings may hold.
    """

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._data: list[bytes] = []
        self._at_start = True
        self._after_cr = False

    def feed(self, received: bytes) -> list[bytes | Comment]:
        """Take the next bytes; return what they complete."""
        if self._at_start:
            received = self._without_bom(received)
        if self._after_cr and received:
            # A CR has already ended its line; the LF of a CRLF cut in two would end another.
            received = received.removeprefix(b"\n")
            self._after_cr = False
        if not received:
            return []
        if self._rest and (b"\n" in received or b"\r" in received):
            received = b"".join((*self._rest, received))
            self._rest.clear()
        # For bytes, unlike for str, splitlines() knows CR, LF and CRLF only.
        lines = received.splitlines()
        if received[-1] not in b"\r\n":
            self._rest.append(lines.pop())
            self._check_length()
        self._after_cr = received[-1] == 13
        return self._take(lines)

    def _check_length(self) -> None:
        if sum(map(len, self._rest)) > LONGEST_LINE:
            raise MalformedResponseError(f"A line of the answer is longer than {LONGEST_LINE // 2**20} MiB.")

    def close(self) -> list[bytes | Comment]:
        """Tell that the stream has ended; return what was still open."""
        lines = [b"".join(self._rest), b""]
        self._rest.clear()
        return self._take(lines)

    def _without_bom(self, received: bytes) -> bytes:
        received = b"".join((*self._rest, received))
        self._rest.clear()
        if len(received) < len(BOM) and BOM.startswith(received):
            self._rest.append(received)
            return b""
        self._at_start = False
        return received.removeprefix(BOM)

    def _take(self, lines: list[bytes]) -> list[bytes | Comment]:
        complete: list[bytes | Comment] = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
            elif not line:
                if self._data:
                    complete.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
                    self._data.clear()
            elif line.startswith(b":"):
                complete.append(Comment(line[1:].strip().decode("utf-8", "replace")))
            elif line == b"data":
                self._data.append(b"")
        return complete
