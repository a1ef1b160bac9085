"""The system calls that code in the sandbox may not make, and why."""

MOUNTS = (
    "mount umount2 pivot_root chroot unshare setns fsopen fsconfig fsmount fspick move_mount open_tree mount_setattr "
    "swapon swapoff acct quotactl quotactl_fd nfsservctl"
)
OTHER_PROCESSES = (
    "ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp pidfd_getfd move_pages "
    "migrate_pages mbind set_mempolicy set_mempolicy_home_node ioprio_set sched_setattr"
)
KERNEL = (
    "bpf perf_event_open io_uring_setup io_uring_enter io_uring_register userfaultfd init_module finit_module "
    "delete_module create_module query_module get_kernel_syms kexec_load kexec_file_load reboot syslog keyctl add_key "
    "request_key lookup_dcookie iopl ioperm modify_ldt vhangup cachestat vmsplice remap_file_pages"
)
CLOCK_AND_NAME = "settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname"
AROUND_PATHS = (
    "open_by_handle_at name_to_handle_at fanotify_init fanotify_mark mknod mknodat setxattr lsetxattr fsetxattr "
    "removexattr lremovexattr fremovexattr"
)
OUTSIDE_MEMORY_LIMITS = (
    "memfd_secret shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl mq_open "
    "mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr"
)
RELICS = "uselib _sysctl sysfs ustat getpmsg putpmsg afs_syscall tuxcall security vserver"

ALWAYS = tuple(
    " ".join((MOUNTS, OTHER_PROCESSES, KERNEL, CLOCK_AND_NAME, AROUND_PATHS, OUTSIDE_MEMORY_LIMITS, RELICS)).split()
)
"""Refused in every sandbox."""

SOCKETS = ("socket", "connect", "bind", "listen", "accept", "accept4", "sendmmsg")
"""Refused with "permission denied": there is no network, not even to the machine itself."""

STARTING_PROGRAMS = "fork vfork execve execveat setsid setpgid"
TELLING_OTHERS = "tkill pidfd_open pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo inotify_add_watch"
CONFINED = tuple(f"{STARTING_PROGRAMS} {TELLING_OTHERS}".split())
"""Refused where no namespace hides the host's processes and files. Watching a folder would tell what happens in it."""

PRETENDED = [
    "chmod",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "chown",
    "fchown",
    "lchown",
    "fchownat",
    "utime",
    "utimes",
    "utimensat",
    "futimesat",
]
"""Landlock does not watch these, so they do nothing; they claim success because copying a file asks for them."""
