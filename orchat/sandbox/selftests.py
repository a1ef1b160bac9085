"""Self-tests: short attacks that a backend has to withstand on this machine before anybody's code runs in it.

Each one prints HELD if it got nowhere, and does no harm if it gets somewhere. They run as a cell would, in a real
interpreter.
"""

import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchat.errors import SandboxError
from orchat.sandbox import watch
from orchat.sandbox.collector import Collector
from orchat.sandbox.engine import Engine
from orchat.sandbox.folders import remove_tree
from orchat.sandbox.kernel import LocalKernel
from orchat.sandbox.limits import MIB, Limits
from orchat.sandbox.report import Finding

LIMITS = Limits(memory=512 * MIB, processes=64)
WITHIN = 20.0
PRELUDE = """
import ctypes, os, resource, signal, socket, time
libc = ctypes.CDLL(None, use_errno=True)

def held(attack):
    try:
        result = attack()
    except (Exception, SystemExit):
        print("HELD")
    else:
        print("OPEN", str(result)[:100])

def refused(status):
    # Each call is one that changes nothing if it is allowed, but fails with another error.
    print("HELD" if status == -1 and ctypes.get_errno() in (1, 38) else "OPEN")

def held_from(pid, attack):
    # Where processes have numbers of their own, the application's may be one of ours.
    numbered_anew = os.getpid() != {interpreter}
    print("HELD") if numbered_anew and pid in (1, os.getpid(), os.getppid()) else held(attack)
"""
MANY_PROCESSES = """
children = []
try:
    while len(children) < 500:
        pid = os.fork()
        if not pid:
            time.sleep(5)
            os._exit(0)
        children.append(pid)
except OSError:
    pass
for pid in children:
    os.kill(pid, signal.SIGKILL)
for pid in children:
    os.waitpid(pid, 0)
print("HELD" if len(children) < 400 else "OPEN")
"""
ATTACKS = {
    "reads a file of the host": "held(lambda: open({canary!r}).read())",
    "lists a folder of the host": "held(lambda: os.listdir({folder!r}))",
    "writes a file of the host": "held(lambda: open({canary!r}, 'w').write('x'))",
    "writes outside its folders": (
        "for path in ('/opened', '/usr/lib/opened', '/etc/opened', '/dev/opened'):"
        " held(lambda: open(path, 'w').write('x'))"
    ),
    "reads the application's environment": "held_from({pid}, lambda: open('/proc/{pid}/environ', 'rb').read())",
    "reads the application's memory": "held_from({pid}, lambda: open('/proc/{pid}/mem', 'rb').seek(4096))",
    "has variables of the application": (
        "print('OPEN' if any(n.startswith(('ORCHAT', 'OPENROUTER')) for n in os.environ) else 'HELD')"
    ),
    "opens a connection": "held(lambda: socket.create_connection(('127.0.0.1', {port}), 2))",
    "opens a socket of Unix": "held(lambda: socket.socket(socket.AF_UNIX))",
    "signals the application": "held_from({pid}, lambda: os.kill({pid}, 0))",
    "limits the application": "held_from({pid}, lambda: resource.prlimit({pid}, resource.RLIMIT_NOFILE))",
    "traces a process": "refused(libc.ptrace(0x4206, {pid}, 0, 0))",
    "makes a namespace": "refused(libc.unshare(0x10000000))",
    "mounts a file system": "refused(libc.mount(b'x', b'/tmp', b'no such kind', 0, None))",
    "has rights of root": "refused(libc.sethostname(b'x', -1)); refused(libc.chroot(b'/nowhere'))",
    "takes more memory than it may": "held(lambda: len(bytearray(700 << 20)))",
    "starts processes without end": MANY_PROCESSES,
}
FOREVER = "while True:\n    pass"


def examine(engine: Engine) -> Finding:
    """Try a backend: start an interpreter in it and attack from inside."""
    name = engine.backend.name
    missing = engine.backend.missing()
    if missing is not None:
        return Finding(name, missing)
    if watch.is_nearly_full(engine.scratch.path):
        # Every attack would be stopped half-way, which looks as if it had got somewhere.
        least = f"{watch.FREE_RESERVE >> 20} MB"
        return Finding(
            name, f"the disk has less than {least} left, and code is stopped then: free some, and start again"
        )
    began = time.monotonic()
    try:
        with canaries(engine.scratch.new("selftest")) as values:
            kernel = engine.start_here(Path(str(values["workspace"])), LIMITS)
            try:
                failed = [what for what, code in ATTACKS.items() if not withstands(kernel, code, values)]
                if not stops(kernel):
                    failed.append("does not stop")
            finally:
                kernel.close()
    except (SandboxError, OSError) as error:
        return Finding(name, getattr(error, "message", str(error)))
    seconds = time.monotonic() - began
    passed = len(ATTACKS) + 1 - len(failed)
    return Finding(name, f"code in it {', '.join(failed)}" if failed else "", passed, seconds)


@contextmanager
def canaries(folder: Path) -> Iterator[dict[str, object]]:
    """Things on the host that code inside would find if it could: a file with a secret, a listening port, ourselves."""
    folder.mkdir(mode=0o711, parents=True)
    canary = folder / "secret.txt"
    canary.write_text(secrets.token_hex(16))
    canary.chmod(0o644)
    workspace = folder / "workspace"
    workspace.mkdir()
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            yield {
                "canary": str(canary),
                "folder": str(folder),
                "workspace": str(workspace),
                "pid": os.getpid(),
                "port": server.getsockname()[1],
            }
    finally:
        remove_tree(folder)


def withstands(kernel: LocalKernel, code: str, values: dict[str, object]) -> bool:
    """Whether an attack got nowhere, and the interpreter lives to say so."""
    said = Collector(1, LIMITS)
    kernel.begin()
    kernel.run((PRELUDE + code).format(**values, interpreter=kernel.pid), WITHIN, said)
    answers = said.stdout.text().split("\n")
    return said.done and answers.count("HELD") >= 1 and not any(answer.startswith("OPEN") for answer in answers)


def stops(kernel: LocalKernel) -> bool:
    """Whether a cell without end is ended, and the next one works."""
    endless, after = Collector(2, LIMITS), Collector(3, LIMITS)
    kernel.begin()
    kernel.run(FOREVER, 0.2, endless)
    kernel.begin()
    kernel.run("print('HELD')", WITHIN, after)
    return endless.limit == "time" and after.stdout.text() == "HELD\n"
