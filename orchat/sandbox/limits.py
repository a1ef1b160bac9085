"""What code in the sandbox may use up."""

from dataclasses import dataclass

MB = 1_000_000
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one session may take; sizes are in bytes, times in seconds.

    Most of them end the cell and leave the session: too much memory is a MemoryError, a full disk an OSError, too much
    processor time CpuLimitExceeded. Where that is not possible the interpreter ends, and the files stay.
    """

    memory: int = 1024 * MIB
    """Of each process, and of all processes together."""
    cpu: int = 120
    """Processor time of one cell in one process."""
    cpu_life: int = 600
    """Processor time of an interpreter in its whole life."""
    processes: int = 128
    """Processes and threads, counted together."""
    disk: int = 512 * MIB
    """Of the workspace, files attached to it included."""
    files: int = 20_000
    """In the workspace, and in each of the temporary folders."""
    file_size: int = 256 * MIB
    temporary: int = 256 * MIB
    open_files: int = 512
    text: int = 2 * MB
    """Of standard output and of standard error, each; the rest is counted and dropped."""
    outputs: int = 50
    """Plots, tables and other displayed values of one cell; the rest is dropped."""
    output_size: int = 64 * MB
    """All that a cell displays; a cell that goes beyond it loses its interpreter."""
    collected_files: int = 200
    """How many written files a result names."""

    def rlimits(self) -> dict[str, int]:
        """The part that the kernel enforces on each process."""
        return {
            "RLIMIT_DATA": self.memory,
            "RLIMIT_AS": 4 * self.memory,
            "RLIMIT_FSIZE": self.file_size,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_CPU": self.cpu_life,
            "RLIMIT_CORE": 0,
            "RLIMIT_MEMLOCK": 8 * MIB,
            "RLIMIT_MSGQUEUE": 0,
        }
