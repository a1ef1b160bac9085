"""Keys and tokens of the application and of its host."""

CASES = {
    "its own variables": "look_for(dict(os.environ)); print('BREACH' if any('KEY' in n for n in os.environ) else '')",
    "its own variables as the kernel keeps them": "tries(lambda: look_for(read('/proc/self/environ')))",
    "its parent's variables": "tries(lambda: look_for(read(f'/proc/{os.getppid()}/environ')))",
    "the first process' variables": "tries(lambda: look_for(read('/proc/1/environ')))",
    "the variables of a process that has a key": "tries(lambda: look_for(read(f'/proc/{world[\"victim\"]}/environ')))",
    "the variables of every process": """
for name in range(1, 70_000):
    tries(lambda: look_for(read(f"/proc/{name}/environ")) if os.path.exists(f"/proc/{name}/environ") else None)
""",
    "the arguments of every process": """
for name in range(1, 70_000):
    tries(lambda: look_for(read(f"/proc/{name}/cmdline")) if os.path.exists(f"/proc/{name}/cmdline") else None)
""",
    "the memory of the application": """
def memory():
    with open(f"/proc/{world['app']}/maps") as maps:
        look_for(maps.read())
    with open(f"/proc/{world['app']}/mem", "rb") as file:
        return file.read(1)
if not ours(world["app"]):
    attempt(memory)
""",
    "a file with a key": "attempt(lambda: look_for(read(world['secret'])))",
    "a file with a key, in a way around the library": """
handle = libc.open(world["secret"].encode(), 0)
returns_error(handle, (1, 2, 13))
""",
    "a file with a key, mapped": """
import mmap
attempt(lambda: mmap.mmap(os.open(world["secret"], os.O_RDONLY), 0, prot=mmap.PROT_READ)[:])
""",
    "the usual places of keys": """
homes = ["/" + "root", "/app", "/usr/src/app", "/data"]
for name in (".ssh/id_rsa", ".netrc", ".aws/credentials", ".bash_history", ".env"):
    for home in homes:
        attempt(lambda: read(f"{home}/{name}"))
for path in ("/etc/shadow", "/etc/gshadow", "/run/secrets", "/var/run/docker.sock", "/etc/ssl/private"):
    attempt(lambda: os.listdir(path) if os.path.isdir(path) else read(path))
""",
    "the users of the host": "world['image'] or attempt(lambda: look_for(read('/etc/passwd')))",
    "the application's packages": """
attempt(lambda: os.listdir(world["packages"]))
attempt(lambda: __import__("streamlit"))
attempt(lambda: __import__("orchat"))
""",
    "a secret in its own memory": """
import gc
for thing in gc.get_objects():
    if isinstance(thing, dict) and ("filters" in thing or "rlimits" in thing or "landlock" in thing):
        look_for(sorted(map(str, thing)))
""",
    "the keys of the kernel": """
syscall = libc.syscall
request = 249 if platform.machine() == "x86_64" else 218 + 1
returns_error(syscall(ctypes.c_long(request), -3, 0, 0, 0, 0))
""",
    "files that the application left open": """
for number in range(3, 64):
    try:
        target = os.fstat(number)
    except OSError:
        continue
    import stat
    if not (stat.S_ISFIFO(target.st_mode) or stat.S_ISCHR(target.st_mode)):
        print("BREACH", number, oct(target.st_mode))
""",
}
