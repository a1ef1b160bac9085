"""The kernel's filter machine, as far as our programs use it: what would it answer to a call?"""

import struct

ARGUMENTS_AT = 16


def decide(program: bytes, architecture: int, number: int, *arguments: int) -> int:
    """Run a filter on a call, as the kernel does; the answer as the kernel returns it."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, *(*arguments, *(0,) * (6 - len(arguments))))
    steps = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    accumulator = at = 0
    while True:
        code, jump_true, jump_false, operand = steps[at]
        at += 1
        if code == 0x06:
            return operand
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, operand)
            continue
        holds = {
            0x15: accumulator == operand,
            0x25: accumulator > operand,
            0x35: accumulator >= operand,
            0x45: bool(accumulator & operand),
        }[code]
        at += jump_true if holds else jump_false
