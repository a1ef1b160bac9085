"""Other processes: to stop them, to look into them, to change how they run; and too many of its own."""

CASES = {
    "kills a process": "attempt(lambda: os.kill(world['victim'], signal.SIGKILL))",
    "kills the application": "ours(world['app']) or attempt(lambda: os.kill(world['app'], signal.SIGTERM))",
    "kills every process": "tries(lambda: os.kill(-1, signal.SIGKILL))",
    "kills its group": "tries(lambda: os.killpg(0, signal.SIGTERM))",
    "kills by a handle": """
def kill():
    handle = os.pidfd_open(world["victim"])
    signal.pidfd_send_signal(handle, signal.SIGKILL)
attempt(kill)
""",
    "queues a signal": """
number = 129 if platform.machine() == "x86_64" else 138
tries(lambda: libc.syscall(ctypes.c_long(number), world["victim"], 9, ctypes.create_string_buffer(128)))
""",
    "traces a process": "returns_error(libc.ptrace(16, world['victim'], 0, 0), (1, 3, 13, 38))",
    "reads another's memory": """
number = 310 if platform.machine() == "x86_64" else 270
buffer = ctypes.create_string_buffer(16)
returns_error(libc.syscall(ctypes.c_long(number), world["victim"], buffer, 1, buffer, 1, 0), (1, 3, 13, 38))
""",
    "takes another's file": """
number = 438
tries(lambda: print("BREACH") if libc.syscall(ctypes.c_long(number), libc.syscall(ctypes.c_long(434), world["victim"], 0), 0, 0) >= 0 else 0)
""",
    "slows a process down": "attempt(lambda: os.setpriority(os.PRIO_PROCESS, world['victim'], 19))",
    "slows a user down": "tries(lambda: os.setpriority(os.PRIO_USER, 0, 19))",
    "moves a process to one processor": "attempt(lambda: os.sched_setaffinity(world['victim'], {0}))",
    "changes how a process is scheduled": """
attempt(lambda: os.sched_setscheduler(world["victim"], os.SCHED_IDLE, os.sched_param(0)))
""",
    "takes real time": "attempt(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)))",
    "limits a process": """
import resource
attempt(lambda: resource.prlimit(world["victim"], resource.RLIMIT_CPU, (0, 0)))
""",
    "limits the application": """
import resource
ours(world["app"]) or attempt(lambda: resource.prlimit(world["app"], resource.RLIMIT_NOFILE, (0, 0)))
""",
    "raises its own limits": """
import resource
for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE):
    attempt(lambda: resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)))
""",
    "joins the namespace of a process": "attempt(lambda: os.open(f'/proc/{world[\"victim\"]}/ns/net', 0))",
    "makes a namespace for users": "returns_error(libc.unshare(0x10000000))",
    "makes a namespace with a clone": """
number = 56 if platform.machine() == "x86_64" else 220
returns_error(libc.syscall(ctypes.c_long(number), 0x10000000 | 17, None, None, None, None))
""",
    "makes a namespace with the newer clone": """
arguments = ctypes.create_string_buffer(struct.pack("=QQQQQQQQ", 0x10000000, 0, 0, 0, 17, 0, 0, 0))
returns_error(libc.syscall(ctypes.c_long(435), arguments, 64))
""",
    "starts processes without end": """
children = []
with contextlib.suppress(OSError):
    while len(children) < 1000:
        pid = os.fork()
        if not pid:
            time.sleep(20)
            os._exit(0)
        children.append(pid)
print("started", len(children))
if len(children) > 200:
    print("BREACH")
""",
    "starts processes that start processes": """
def bomb(depth):
    for _ in range(3):
        pid = os.fork()
        if not pid and depth < 6:
            with contextlib.suppress(OSError):
                bomb(depth + 1)
            os._exit(0)
with contextlib.suppress(OSError):
    bomb(0)
""",
    "starts threads without end": """
hold = threading.Event()
count = 0
with contextlib.suppress(RuntimeError, MemoryError):
    for count in range(100_000):
        threading.Thread(target=hold.wait, daemon=True).start()
hold.set()
if count > 3000:
    print("BREACH", count)
""",
    "leaves a process that outlives it": """
with contextlib.suppress(OSError):
    if not os.fork():
        os.setsid()
        if not os.fork():
            time.sleep(300)
        os._exit(0)
""",
    "leaves a program that outlives it": """
tries(lambda: subprocess.Popen(["sleep", "300"], start_new_session=True))
""",
    "leaves a thread at work": """
def work():
    while True:
        sum(range(1000))
        time.sleep(0.01)
threading.Thread(target=work, daemon=True).start()
""",
    "goes on in a child": """
with contextlib.suppress(OSError):
    pid = os.fork()
    if not pid:
        print("in the child")
""",
}
