"""Calls that open the kernel: each has to be refused by the filter, whatever its arguments."""

NUMBERS = {
    "mounts": (165, 40),
    "unmounts": (166, 39),
    "changes the root": (155, 41),
    "changes its root": (161, 51),
    "enters a namespace": (308, 268),
    "loads a program into the kernel": (321, 280),
    "reads counters of the processor": (298, 241),
    "handles faults itself": (323, 282),
    "loads a module": (175, 105),
    "loads a module from a file": (313, 273),
    "removes a module": (176, 106),
    "loads another kernel": (246, 104),
    "restarts the machine": (169, 142),
    "adds swap": (167, 224),
    "adds a key": (248, 217),
    "asks for keys": (250, 219),
    "opens by a handle": (304, 265),
    "asks for a handle": (303, 264),
    "reads the kernel's log": (103, 116),
    "sets the clock": (227, 112),
    "adjusts the clock": (159, 171),
    "names the machine": (170, 161),
    "watches a file system": (300, 262),
    "makes secret memory": (447, 447),
    "sets quotas": (179, 60),
    "accounts processes": (163, 89),
    "moves pages": (279, 239),
    "compares processes": (312, 272),
    "advises another's memory": (440, 440),
    "opens a file system": (430, 430),
    "opens a tree": (428, 428),
    "moves a mount": (429, 429),
    "sets a mount's attributes": (442, 442),
    "hangs up the terminal": (153, 58),
    "splices memory": (278, 75),
    "makes a ring": (425, 425),
    "calls what nobody knows yet": (480, 480),
}
CASES = {
    **{
        name: f"returns_error(libc.syscall(ctypes.c_long({intel} if platform.machine() == 'x86_64' else {arm}), 0, 0, 0, 0, 0))"
        for name, (intel, arm) in NUMBERS.items()
    },
    "talks to the ports of the machine": """
if platform.machine() == "x86_64":
    returns_error(libc.iopl(3))
    returns_error(libc.ioperm(0x70, 1, 1))
""",
    "changes its tables": """
if platform.machine() == "x86_64":
    returns_error(libc.syscall(ctypes.c_long(154), 0, 0, 0))
""",
    "becomes another kind of program": "returns_error(libc.personality(0x0040000))",
    "wants no signal when its parent ends": "returns_error(libc.prctl(1, 0, 0, 0, 0))",
    "calls by the old way": """
if platform.machine() == "x86_64":
    import mmap
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
    pid = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
    print("BREACH", pid)
""",
    "calls by a third way": """
if platform.machine() == "x86_64":
    print("BREACH", libc.syscall(ctypes.c_long(0x40000000 + 39)))
""",
}
