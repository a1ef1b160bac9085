"""Other sessions on the same machine, and the application's own account."""

CASES = {
    "other users' folders": "attempt(lambda: os.listdir(os.path.dirname(world['folder'])))",
    "the folder above": "attempt(lambda: os.listdir(os.path.dirname(world['folder']) + '/workspace/..'))",
    "a temporary folder that all share": """
for folder in ("/tmp", "/var/tmp", "/dev/shm"):
    names = []
    tries(lambda: names.extend(os.listdir(folder)))
    if any("orchat-battery" in name and len(os.listdir(os.path.join(folder, name))) > 1 for name in names):
        print("BREACH", names)
""",
    "shared memory by name": """
from multiprocessing import shared_memory
attempt(lambda: shared_memory.SharedMemory(name="orchat-test"))
""",
    "shared memory of System V": """
returns_error(libc.shmget(0x1234, 4096, 0o1666))
""",
    "semaphores of System V": "returns_error(libc.semget(0x1234, 1, 0o1666))",
    "messages of System V": "returns_error(libc.msgget(0x1234, 0o1666))",
    "message queues": """
number = 240 if platform.machine() == "x86_64" else 180
returns_error(libc.syscall(ctypes.c_long(number), b"/queue", 0o102, 0o666, None))
""",
    "the processes of others": """
own = {os.getpid(), os.getppid(), 1}
seen = []
tries(lambda: seen.extend(int(name) for name in os.listdir("/proc") if name.isdigit()))
if any(pid > 40 and pid not in own and os.path.exists(f"/proc/{pid}/stat") and pid == world["victim"] for pid in seen):
    print("BREACH", seen)
""",
    "the terminal of the application": "attempt(lambda: open('/dev/tty').read())",
    "the terminal's input": """
import fcntl
for number in (0, 1, 2):
    attempt(lambda: fcntl.ioctl(number, 0x5412, b"x"))
""",
    "the user's settings": "attempt(lambda: os.listdir(os.path.expanduser('~root/.config')))",
    "another user's identity": """
for action in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgroups([0])):
    if os.getuid() != 0:
        attempt(action)
""",
    "more capabilities": """
effective = []
tries(lambda: effective.append(int([line for line in open("/proc/self/status") if line.startswith("CapEff")][0].split()[1], 16)))
if any(effective):
    print("BREACH", effective)
header = struct.pack("=Ii", 0x20080522, 0)
data = ctypes.create_string_buffer(24)
libc.capget(header, data)
if any(data.raw[:4]):
    print("BREACH", data.raw)
""",
}
