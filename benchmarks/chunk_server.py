"""A chat completion as fast as loopback carries it: one chunk of a recorded shape per write.

`python -m benchmarks.chunk_server` prints its address and serves until it is killed. The number of chunks is in the
name of the model: `bench/2000`.
"""

import json
import socket
from contextlib import suppress
from threading import Thread

WORDS = ["The", " ans", "wer ", "is n", "ot i", "n th", "e qu", "esti", "on, ", "it i"]
CHUNKS_BETWEEN_COMMENTS = 50
COMMENT = b": OPENROUTER PROCESSING\n\n"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def event(text: str, finish_reason: str | None = None, usage: dict[str, float] | None = None) -> bytes:
    """One event of a stream, about 300 bytes, in the shape that OpenRouter sends."""
    chunk = {
        "id": "gen-1763800000-k2JcV8rT5wQ0sZyXbNmL",
        "object": "chat.completion.chunk",
        "created": 1763800000,
        "model": "openai/gpt-5-mini",
        "provider": "OpenAI",
        "system_fingerprint": None,
        "choices": [
            {
                "index": 0,
                "delta": {"role": "assistant", "content": text},
                "finish_reason": finish_reason,
                "native_finish_reason": finish_reason,
                "logprobs": None,
            }
        ],
    }
    return b"data: " + json.dumps(chunk | ({"usage": usage} if usage else {}), separators=(",", ":")).encode() + b"\n\n"


def answer(raw: socket.socket, chunks: int) -> None:
    """Write a whole answer, each event as one HTTP chunk in one write."""
    raw.sendall(HEAD)
    events = [_framed(event(word)) for word in WORDS]
    for number in range(chunks):
        if number % CHUNKS_BETWEEN_COMMENTS == 0:
            raw.sendall(_framed(COMMENT))
        raw.sendall(events[number % len(events)])
    usage = {"prompt_tokens": 10, "completion_tokens": chunks, "total_tokens": chunks + 10, "cost": 0.0001}
    for last in (event("", "stop"), event("", "stop", usage), b"data: [DONE]\n\n"):
        raw.sendall(_framed(last))
    raw.sendall(b"0\r\n\r\n")


def serve(listening: socket.socket) -> None:
    """Accept connections for ever; clients keep theirs between answers."""
    while True:
        raw, _ = listening.accept()
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Thread(target=_converse, args=(raw,), daemon=True).start()


def _converse(raw: socket.socket) -> None:
    with suppress(OSError), raw:
        while body := _request_body(raw):
            answer(raw, int(json.loads(body)["model"].rpartition("/")[2]))


def _framed(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _request_body(raw: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        more = raw.recv(65536)
        if not more:
            return b""
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while len(body) < int(lengths[0].partition(b":")[2]):
        body += raw.recv(65536)
    return body


if __name__ == "__main__":
    server = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{server.getsockname()[1]}/api/v1", flush=True)
    serve(server)
