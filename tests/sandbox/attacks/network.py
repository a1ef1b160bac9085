"""Connections, to the world and to the machine itself."""

CASES = {
    "a connection to this machine": "attempt(lambda: look_for(socket.create_connection(('127.0.0.1', world['port']), 3).recv(99)))",
    "a connection to this machine by its second address": """
attempt(lambda: look_for(socket.create_connection(("::1", world["port"]), 3).recv(99)))
""",
    "a connection to the internet": "attempt(lambda: socket.create_connection(('1.1.1.1', 53), 3))",
    "a datagram": "attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 53)))",
    "a name": "attempt(lambda: socket.gethostbyname('openrouter.ai'))",
    "a page": "import urllib.request; attempt(lambda: urllib.request.urlopen('http://127.0.0.1:%d' % world['port'], timeout=3))",
    "a raw socket": "attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))",
    "a packet socket": "attempt(lambda: socket.socket(17, socket.SOCK_RAW, 0))",
    "a socket of the kernel's": "attempt(lambda: socket.socket(16, socket.SOCK_RAW, 0))",
    "a socket of a virtual machine": "attempt(lambda: socket.socket(40, socket.SOCK_STREAM, 0))",
    "a socket of Bluetooth": "attempt(lambda: socket.socket(31, socket.SOCK_RAW, 1))",
    "a cipher of the kernel's": "attempt(lambda: socket.socket(38, socket.SOCK_SEQPACKET, 0))",
    "a service with a path": """
def call():
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(world["unix"])
        look_for(caller.recv(99))
attempt(call)
""",
    "a service with an abstract name": """
def call():
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(world["abstract"])
        look_for(caller.recv(99))
attempt(call)
""",
    "a port of its own": "attempt(lambda: socket.create_server(('127.0.0.1', 0)))",
    "a pair of internet sockets": "attempt(lambda: socket.socketpair(socket.AF_INET))",
    "a pair of sockets, sent through": """
one, other = socket.socketpair()
attempt(lambda: one.connect(world["abstract"]))
attempt(lambda: one.sendto(b"x", world["unix"]))
""",
    "a datagram through a pair": """
one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
attempt(lambda: one.connect(world["unix"]))
tries(lambda: one.sendto(b"x", world["unix"]))
""",
    "the kernel's own ring": """
returns_error(libc.syscall(ctypes.c_long(425), 8, ctypes.create_string_buffer(120)))
""",
    "interfaces of the host": """
names = []
tries(lambda: names.extend(open("/proc/net/dev").read().split()))
if any(name.startswith(("eth", "ens", "enp", "docker")) for name in names):
    print("BREACH", names)
""",
}
