"""Output without end, or of a kind that hurts whoever shows it."""

CASES = {
    "lines": "deadline = time.time() + 1\nwhile time.time() < deadline: print('y' * 70)",
    "one line": "print('y' * 5_000_000)",
    "errors": "for _ in range(20): sys.stderr.write('e' * 200_000)",
    "past Python": "for _ in range(200): os.write(1, b'z' * 60_000)",
    "bytes that are no text": "os.write(1, bytes(range(256)) * 200); os.write(2, b'\\xff\\xfe' * 100)",
    "half a character": "os.write(1, 'ü'.encode()[:1])",
    "control characters": "print('\\x1b[2J\\x1b]0;title\\x07\\x1b[31mred\\x00\\x08\\x7f')",
    "text that runs backwards": "print('\\u202e\\u2066evil\\u2069')",
    "surrogates": "print('\\ud800\\udfff')",
    "a thousand values": "for number in range(1000): display(number)",
    "a value without end": "display('y' * 50_000_000)",
    "values without end": "for _ in range(100): display(type('Page', (), {'_repr_html_': lambda self: 'h' * 4_000_000})())",
    "a value that lies about itself": """
class Liar:
    def __repr__(self): raise SystemExit("no")
    def _repr_html_(self): raise ValueError("no")
tries(lambda: display(Liar()))
""",
    "a value that never ends to describe itself": """
class Slow:
    def __repr__(self): return "a" * 300_000_000
tries(lambda: display(Slow()))
""",
    "a page with a script": """
class Page:
    def _repr_html_(self): return "<script>fetch('http://127.0.0.1/')</script>"
display(Page())
""",
    "a picture that is none": """
class Picture:
    def _repr_png_(self): return b"not a picture"
display(Picture())
""",
    "a picture that is too large": """
import zlib
class Picture:
    def _repr_png_(self):
        def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        return b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)) + chunk(b"IEND", b"")
display(Picture())
""",
    "an error without end": "raise ValueError('e' * 10_000_000)",
    "an error that fails": """
class Broken(Exception):
    def __str__(self): raise RuntimeError("no text")
raise Broken
""",
    "a chain of errors": """
def fail(n):
    try:
        if n: fail(n - 1)
        raise ValueError(n)
    except ValueError as error:
        raise KeyError(n) from error
fail(200)
""",
    "output after the end": """
def later():
    for _ in range(100):
        os.write(1, b"later\\n" * 100)
        time.sleep(0.002)
threading.Thread(target=later, daemon=True).start()
time.sleep(0.05)
""",
}
