"""Lies on the wire between the interpreter and the application."""

FIND = """
import json
def wires():
    for number in range(3, 64):
        try:
            mode = os.fstat(number).st_mode
        except OSError:
            continue
        import fcntl, stat
        if stat.S_ISFIFO(mode) and fcntl.fcntl(number, fcntl.F_GETFL) & 3 == os.O_WRONLY:
            yield number
def send(body):
    for number in wires():
        os.set_blocking(number, True)
        data = struct.pack(">I", len(body)) + body
        while data:
            data = data[os.write(number, data):]
"""
LIES = {
    "noise": "for number in wires(): os.write(number, os.urandom(5000))",
    "a frame of two gigabytes": "for number in wires(): os.write(number, b'\\x7f\\xff\\xff\\xff')",
    "a frame that never comes": "for number in wires(): os.write(number, struct.pack('>I', 1000) + b'{')\ntime.sleep(0.2)",
    "no JSON": "send(b'not json')",
    "no text": "send(b'\\xff\\xfe\\xfd')",
    "a list": "send(b'[1, 2, 3]')",
    "a number without end": "send(b'{\"done\": ' + b'9' * 60_000 + b'}')",
    "no number": 'send(b\'{"done": NaN, "x": -Infinity}\')',
    "brackets without end": "send(b'[' * 60_000)",
    "brackets by the megabyte": "send(b'{\"display\": [' + b'[],' * 2_000_000 + b'[]]}')",
    "an unknown kind": 'send(b\'{"execute": "on the host"}\')',
    "a display of a wrong type": "send(b'{\"display\": [1, 2]}')",
    "a display of wrong values": 'send(b\'{"display": {"text/plain": {"a": 1}}}\')',
    "an error of a wrong type": "send(json.dumps({'done': 10**6, 'error': 'x'}).encode())",
    "an end of another cell": 'send(b\'{"done": 999999, "error": null}\')',
    "an early end": """
import gc
numbers = [n for n in range(1, 3000)]
for n in numbers: send(json.dumps({"done": n, "error": None}).encode())
time.sleep(0.3)
""",
    "an early end with a wrong error": """
for n in range(1, 3000): send(json.dumps({"done": n, "error": [1]}).encode())
""",
    "half a character": 'send(b\'{"display": {"text/plain": "\\\\ud800"}}\')',
    "a picture that is not in base64": 'send(b\'{"display": {"image/png": "%%%"}}\')',
    "a form that nobody knows": 'send(b\'{"display": {"application/x-python-pickle": "gASVAAAA", "../../x": "y"}}\')',
    "a hundred thousand forms": "send(json.dumps({'display': {f'x/{n}': '' for n in range(100_000)}}).encode())",
    "ready once more": 'send(b\'{"ready": {"python": "3.11"}}\')',
    "frames without end": 'deadline = time.time() + 1\nwhile time.time() < deadline: send(b\'{"display": {"text/plain": "x"}}\')',
    "its end of the wire closed": "for number in list(wires()): os.close(number)",
    "its input read away": """
for number in range(3, 64):
    with contextlib.suppress(OSError):
        os.set_blocking(number, False)
        os.read(number, 100_000)
""",
    "keys twice": 'send(b\'{"done": -1, "done": -2, "error": null}\')',
}
CASES = {name: FIND + code for name, code in LIES.items()}
