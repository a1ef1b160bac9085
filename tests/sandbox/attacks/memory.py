"""Memory without end."""

CASES = {
    "one large block": "attempt(lambda: len(bytearray(1 << 30)))",
    "many small blocks": """
blocks = []
try:
    while True:
        blocks.append(bytes(1 << 20) + b"x")
except MemoryError:
    held = len(blocks)
    del blocks
    print("refused at", held)
    if held > 2000:
        print("BREACH")
""",
    "a list that grows": """
things = [0]
with contextlib.suppress(MemoryError):
    while True:
        things += things
del things
""",
    "a file in memory": "attempt(lambda: os.memfd_create('x'))",
    "memory that is shared": """
import mmap
maps = []
with contextlib.suppress(OSError, MemoryError, ValueError):
    while len(maps) < 100:
        block = mmap.mmap(-1, 32 << 20)
        for at in range(0, 32 << 20, 4096):
            block[at] = 1
        maps.append(block)
if len(maps) >= 100:
    print("BREACH")
""",
    "memory in several processes": """
children = []
with contextlib.suppress(OSError):
    for _ in range(8):
        pid = os.fork()
        if not pid:
            block = bytearray(100 << 20)
            for at in range(0, len(block), 4096):
                block[at] = 1
            time.sleep(10)
            os._exit(0)
        children.append(pid)
if len(children) == 8:
    time.sleep(3)
    alive = 0
    for pid in children:
        alive += os.waitpid(pid, os.WNOHANG)[0] == 0
    if alive == 8:
        print("BREACH")
""",
    "memory that is locked": """
block = ctypes.create_string_buffer(64 << 20)
if libc.mlock(block, 64 << 20) == 0:
    print("BREACH")
""",
    "shared memory filled": """
held = 0
with contextlib.suppress(OSError):
    for number in range(20):
        with open(f"/dev/shm/fill{number}", "wb") as file:
            for _ in range(30):
                held += file.write(bytes(1 << 20))
for number in range(20):
    tries(lambda: os.unlink(f"/dev/shm/fill{number}"))
if held > 200 << 20:
    print("BREACH", held)
""",
    "a stack without end": """
def down(n):
    return down(n + 1)
sys.setrecursionlimit(10**9)
tries(lambda: down(0))
""",
    "pipes filled": """
pipes = []
with contextlib.suppress(OSError):
    while len(pipes) < 5000:
        pipes.append(os.pipe())
print("made", len(pipes))
for pair in pipes:
    os.close(pair[0]); os.close(pair[1])
if len(pipes) >= 5000:
    print("BREACH")
""",
}
