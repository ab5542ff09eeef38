"""The system calls that student code must not make, as a seccomp program (classic BPF)."""

import struct
from collections.abc import Mapping
from types import MappingProxyType

from .kernel import MACHINE
from .limits import JailError

# Numbers on x86-64 and arm64; None where there is no such call. Refused with EPERM: grading never needs them.
_DENIED = {
    # other programs, other processes, the network
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117),
    "kcmp": (312, 272), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424), "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "setpriority": (141, 140), "ioprio_set": (251, 30),
    "sched_setscheduler": (144, 119), "sched_setparam": (142, 118), "sched_setattr": (314, 274),
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "accept": (43, 202),
    "accept4": (288, 242), "sendmsg": (46, 211), "sendmmsg": (307, 269),
    # mounts and namespaces
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467), "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264),
    "mknod": (133, None), "mknodat": (259, 33), "inotify_init": (253, None), "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    # memory that no limit counts
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "shmat": (30, 196),
    "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180), "mbind": (237, 235),
    "set_mempolicy": (238, 237), "move_pages": (279, 239), "migrate_pages": (256, 238),
    # doors into the kernel
    "bpf": (321, 280), "userfaultfd": (323, 282), "perf_event_open": (298, 241), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "modify_ldt": (154, None), "iopl": (172, None),
    "ioperm": (173, None), "personality": (135, 92), "lookup_dcookie": (212, 18), "syslog": (103, 116),
    # the machine itself
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "settimeofday": (164, 170),
    "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171), "sethostname": (170, 161),
    "setdomainname": (171, 162), "acct": (163, 89), "quotactl": (179, 60), "quotactl_fd": (443, 443),
    "vhangup": (153, 58),
}  # fmt: skip

# Refused when that argument has one of those values: to be sent signals for somebody, to hide from the watch.
_DENIED_ARGUMENTS = {
    "fcntl": ((72, 25), 1, (8, 10, 15)),  # F_SETOWN, F_SETSIG, F_SETOWN_EX
    "ioctl": ((16, 29), 1, (0x8901, 0x8902, 0x5412)),  # FIOSETOWN, SIOCSPGRP, TIOCSTI
    "prctl": ((157, 167), 0, (4,)),  # PR_SET_DUMPABLE
}
# Refused for any process but the calling one, which is 0.
_FOR_ITSELF = {"prlimit64": (302, 261), "sched_setaffinity": (203, 122)}

# What changes a file's owner, mode, times and attributes, which Landlock does not look at.
ATTRIBUTES = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None),
    "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6),
    "fsetxattr": (190, 7), "setxattrat": (463, 463), "removexattr": (197, 14), "lremovexattr": (198, 15),
    "fremovexattr": (199, 16), "removexattrat": (466, 466), "file_setattr": (469, 469),
}  # fmt: skip

_CLONE, _CLONE3 = (56, 220), 435
_CLONE_THREAD = 0x00010000  # a thread may be started, a process may not
_NEWEST = 470  # what later kernels add, nobody has looked at yet
_AUDIT_ARCH = (0xC000003E, 0xC00000B7)
_X32_BIT = 0x40000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _GIVE = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38


def program(idle: Mapping[str, tuple] = MappingProxyType({})) -> bytes:
    """The filter; calls in `idle` seem to succeed and do nothing."""
    if MACHINE is None:
        raise JailError("there is a filter of system calls for x86-64 and arm64 only")
    lines = [
        (_LOAD, 0, 0, 4), (_EQUAL, 1, 0, _AUDIT_ARCH[MACHINE]), (_GIVE, 0, 0, _KILL), (_LOAD, 0, 0, 0),
        (_AT_LEAST, 0, 1, _X32_BIT), (_GIVE, 0, 0, _KILL),
        (_EQUAL, 1, 0, _CLONE3), (_AT_LEAST, 0, 1, _NEWEST), (_GIVE, 0, 0, _ERRNO | _ENOSYS),
    ]  # fmt: skip
    for numbers in _DENIED.values():
        lines += _answer(numbers, [(_GIVE, 0, 0, _ERRNO | _EPERM)])
    for numbers in idle.values():
        lines += _answer(numbers, [(_GIVE, 0, 0, _ERRNO)])
    refuse = (_GIVE, 0, 0, _ERRNO | _EPERM)
    for numbers, index, values in _DENIED_ARGUMENTS.values():
        lines += _answer(
            numbers, [_argument(index), *(part for value in values for part in [(_EQUAL, 0, 1, value), refuse])]
        )
    for numbers in _FOR_ITSELF.values():
        lines += _answer(numbers, [_argument(0), (_EQUAL, 1, 0, 0), refuse])
    lines += _answer(_CLONE, [_argument(0), (_ANY_BIT, 1, 0, _CLONE_THREAD), refuse])
    return b"".join(struct.pack("HBBI", *line) for line in [*lines, (_GIVE, 0, 0, _ALLOW)])


def _answer(numbers, lines):
    """What to do when the call has this number; the others go on behind it."""
    number = numbers[MACHINE]
    if number is None:
        return []
    lines = [*lines, (_LOAD, 0, 0, 0)]
    return [(_EQUAL, 0, len(lines), number), *lines]


def _argument(index):
    return (_LOAD, 0, 0, 16 + 8 * index)  # the lower half: all of these are C's int
