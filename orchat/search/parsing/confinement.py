"""What the reading process takes away from itself before it looks at a file: memory, time, files, the network."""

import ctypes
import platform
import sys
from typing import Any

if sys.platform != "win32":
    import resource

FORBIDDEN = {
    "x86_64": (
        0xC000003E,
        {"socket": 41, "connect": 42, "sendto": 44, "bind": 49, "fork": 57, "vfork": 58, "execve": 59, "kill": 62}
        | {"ptrace": 101, "setpgid": 109, "setsid": 112, "unshare": 272, "process_vm_readv": 310, "execveat": 322}
        | {"io_uring_setup": 425},
    ),
    "aarch64": (
        0xC00000B7,
        {"socket": 198, "bind": 200, "connect": 203, "sendto": 206, "execve": 221, "kill": 129, "ptrace": 117}
        | {"setpgid": 154, "setsid": 157, "unshare": 97, "process_vm_readv": 270, "execveat": 281}
        | {"io_uring_setup": 425},
    ),
}
"""By processor: its number for the kernel's audit, and the numbers of the calls that a reader has no business with."""

_EVENTS = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile")
_END_WITH_PARENT, _NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 1, 38, 22, 2
_KILL = 9
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 1  # the second answers EPERM
_LOAD, _JUMP_EQUAL, _JUMP_GREATER, _RETURN = 0x20, 0x15, 0x25, 0x06
_X32 = 0x40000000


def limit_resources(*, memory: int, cpu: int) -> None:
    """Bound this process: `memory` bytes of address space, `cpu` seconds, no file it could write, no core dump."""
    if sys.platform == "win32":  # it has no such limits: there the parent's clock has to do
        return
    for what, wanted in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        _, hard = resource.getrlimit(what)
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        # Only the soft limit of CPU ends a process with a signal that tells why: the hard one stays where it is.
        resource.setrlimit(what, (most, hard if what == resource.RLIMIT_CPU else most))


def forbid_network_and_programs() -> None:
    """Take sockets and other programs away: from Python everywhere, and on Linux from every library too."""
    sys.addaudithook(_refuse)
    if sys.platform == "linux" and platform.machine() in FORBIDDEN:
        _filter_calls(*FORBIDDEN[platform.machine()])


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith(_EVENTS):
        raise PermissionError(f"a reader of documents may not do this: {event}")


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_Instruction)))


def _filter_calls(architecture: int, calls: dict[str, int]) -> None:
    """Install a seccomp filter. A kernel without them leaves the hook above, the limits and the parent's clock."""
    numbers = list(calls.values())
    rules = [(_LOAD, 0, 0, 4), (_JUMP_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _REFUSE), (_LOAD, 0, 0, 0)]
    # The last two instructions are the answers; a jump counts the instructions that it leaves out.
    left = len(numbers)
    rules.append((_JUMP_GREATER, left + 1, 0, _X32 - 1))
    rules += [(_JUMP_EQUAL, left - place, 0, number) for place, number in enumerate(numbers)]
    rules += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    program = _Program(len(rules), (_Instruction * len(rules))(*(_Instruction(*rule) for rule in rules)))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_END_WITH_PARENT, _KILL, 0, 0, 0)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0)
