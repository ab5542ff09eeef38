"""The walls around student code: namespaces with a private root, no capabilities, seccomp and resource limits.

`enclose` is done once by the warm server, `confine` by each submission's process after it was forked.
Linux only, x86-64 and arm64; everything is a system call, so there is nothing to install.
"""

import ctypes
import os
import platform
import resource
import struct
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534
SCRATCH = "/scratch"  # a submission's own folder, the only one that it can write to
_DEVICES = ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"]
_SYSTEM = ["/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime"]

_CLONE_NEWNS, _CLONE_NEWUTS, _CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
_CLONE_NEWUSER, _CLONE_NEWPID, _CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_REMOUNT, _MS_BIND = 1, 2, 4, 32, 4096
_MS_REC, _MS_PRIVATE, _MNT_DETACH = 16384, 1 << 18, 2
_AT_FDCWD, _AT_RECURSIVE, _MOUNT_ATTR_READ_ONLY = -100, 0x8000, 1 | 2  # read-only and no setuid programs
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _PR_CAPBSET_DROP = 1, 38, 22, 24
_SIGKILL = 9

# Numbers of the system calls that grading never needs, x86-64 then arm64 (None: there is no such call).
_DENIED = {
    "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117), "socket": (41, 198),
    "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242),
    "sendmmsg": (307, 269), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "bpf": (321, 280),
    "userfaultfd": (323, 282), "perf_event_open": (298, 241), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
    "sethostname": (170, 161), "setdomainname": (171, 162), "acct": (163, 89), "quotactl": (179, 60),
    "syslog": (103, 116), "personality": (135, 92), "iopl": (172, None), "ioperm": (173, None),
    "mknod": (133, None), "mknodat": (259, 33), "lookup_dcookie": (212, 18), "vhangup": (153, 58),
    "move_pages": (279, 239), "migrate_pages": (256, 238), "mbind": (237, 235), "set_mempolicy": (238, 237),
    "shmget": (29, 194), "shmat": (30, 196), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
}  # fmt: skip
_CLONE, _CLONE3 = (56, 220), (435, 435)
_AUDIT_ARCH = (0xC000003E, 0xC00000B7)
_X32_BIT = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


class JailError(Exception):
    """The walls cannot be raised on this machine; the message says which one and what mends it."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use beyond what the warm server already holds."""

    memory_mb: int = 2048
    disk_mb: int = 64
    processes: int = 64
    cpu_seconds: int = 600


def enclose(root: str, readable: list[str], hidden: list[str]) -> None:
    """Move this process into a private root at the empty folder `root`.

    Only the system's files and `readable` are there, read-only, without the folders in `hidden`; no network,
    no /proc, no /sys. Raises JailError.
    """
    _new_namespaces()
    _call("mount", b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
    _call("mount", b"tmpfs", root.encode(), b"tmpfs", _MS_NOSUID | _MS_NODEV, b"size=1m,mode=755")
    for path in _outermost([*_SYSTEM, *readable]):
        _show(Path(path), root)
    for path in hidden:
        if Path(f"{root}{path}").is_dir():
            _call("mount", b"tmpfs", f"{root}{path}".encode(), b"tmpfs", _MS_RDONLY, b"size=4k")
    for device in _DEVICES:
        _show(Path(device), root, writable=True)
    Path(f"{root}{SCRATCH}").mkdir()
    if not Path(root, "tmp").exists():  # it is there where Python itself lives below it
        Path(root, "tmp").symlink_to(SCRATCH)
    os.chdir(root)
    _call("pivot_root", b".", b".")
    _call("umount2", b".", _MNT_DETACH)
    os.chdir("/")
    _call("mount", b"none", b"/", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NODEV, None)


def _new_namespaces():
    spaces = _CLONE_NEWNS | _CLONE_NEWUTS | _CLONE_NEWIPC | _CLONE_NEWNET
    if os.geteuid() == 0:
        return _call("unshare", spaces)
    uid, gid = os.geteuid(), os.getegid()
    _call("unshare", spaces | _CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    return Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def _outermost(paths):
    kept: list[Path] = []
    for path in sorted(map(Path, paths)):
        if path.exists() and not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return kept


def _show(path: Path, root: str, writable=False):
    inside = Path(f"{root}{path}")
    inside.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        return inside.symlink_to(path.readlink())
    inside.mkdir() if path.is_dir() else inside.touch()
    _call("mount", str(path).encode(), str(inside).encode(), None, _MS_BIND | _MS_REC, None)
    return None if writable else _make_read_only(inside)


def _make_read_only(path: Path):
    attributes = struct.pack("QQQQ", _MOUNT_ATTR_READ_ONLY, 0, 0, 0)
    _call("syscall", 442, _AT_FDCWD, str(path).encode(), _AT_RECURSIVE, attributes, len(attributes))


def separate() -> None:
    """Give the next forked process its own process numbers, mounts and message queues."""
    _call("unshare", _CLONE_NEWPID | _CLONE_NEWNS | _CLONE_NEWIPC)


def confine(limits: Limits, address_space: int) -> None:
    """Take away from this process what student code must not have; `address_space` is the server's, in bytes."""
    options = f"size={limits.disk_mb}m,nr_inodes=2048,mode=1777".encode()
    _call("mount", b"tmpfs", SCRATCH.encode(), b"tmpfs", _MS_NOSUID | _MS_NODEV, options)
    os.chdir(SCRATCH)
    limit_resources(limits, address_space)
    _drop_privileges()
    die_with_parent()
    _filter_system_calls()


def limit_resources(limits: Limits, address_space: int) -> None:
    """The limits that hold even where no walls can be had."""
    for name, value in [
        (resource.RLIMIT_AS, address_space + (limits.memory_mb << 20)),
        (resource.RLIMIT_FSIZE, limits.disk_mb << 20),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_CORE, 0),
    ]:
        resource.setrlimit(name, (value, value))


def die_with_parent() -> None:
    """Be killed by the kernel when the parent process ends."""
    _call("prctl", _PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def _drop_privileges():
    for capability in range(41):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    header = struct.pack("Ii", 0x20080522, 0)
    _call("capset", header, struct.pack("IIIIII", *[0] * 6))
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _filter_system_calls():
    machine = {"x86_64": 0, "aarch64": 1}.get(platform.machine())
    if machine is None:
        raise JailError(f"no system call filter for {platform.machine()}; grade on x86-64 or arm64")
    program = _program(machine)
    code = ctypes.create_string_buffer(program, len(program))
    fprog = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    _call("prctl", _PR_SET_SECCOMP, 2, fprog, 0, 0)


def _program(machine):
    """A classic BPF program: other architectures die, denied calls give EPERM, clone3 ENOSYS, the rest is allowed."""
    allow, kill, errno = 0x7FFF0000, 0x80000000, 0x00050000
    load, equal, at_least, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    lines = [
        (load, 0, 0, 4), (equal, 1, 0, _AUDIT_ARCH[machine]), (give, 0, 0, kill), (load, 0, 0, 0),
        (at_least, 0, 1, _X32_BIT), (give, 0, 0, kill),
        (equal, 0, 1, _CLONE3[machine]), (give, 0, 0, errno | 38),
    ]  # fmt: skip
    for numbers in _DENIED.values():
        if numbers[machine] is not None:
            lines += [(equal, 0, 1, numbers[machine]), (give, 0, 0, errno | 1)]
    namespaces = 0x7E020000  # every CLONE_NEW* flag: a process may fork, but not into namespaces of its own
    lines += [
        (equal, 0, 3, _CLONE[machine]),
        (load, 0, 0, 16),
        (any_bit, 0, 1, namespaces),
        (give, 0, 0, errno | 1),
    ]
    return b"".join(struct.pack("HBBI", *line) for line in [*lines, (give, 0, 0, allow)])


def _call(name, *arguments):
    converted = [ctypes.c_ulong(a) if isinstance(a, int) and a >= 0 else a for a in arguments]
    if getattr(_libc, name)(*converted) < 0:
        error = ctypes.get_errno()
        raise JailError(f"{name} was refused: {os.strerror(error)}")
