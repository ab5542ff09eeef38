"""System calls by ctypes, so that there is nothing to install; for Linux on x86-64 and arm64."""

import ctypes
import os
import platform
import signal
import struct

from .limits import JailError

MACHINE = {"x86_64": 0, "aarch64": 1}.get(platform.machine())
READ_EVERYWHERE = 1 << 2  # CAP_DAC_READ_SEARCH
_SET_PDEATHSIG, _SET_KEEPCAPS, _SET_SECCOMP, _CAPBSET_DROP, _SET_NO_NEW_PRIVS = 1, 8, 22, 24, 38
_CAPABILITIES = 41

_libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments) -> int:
    """Call a function of the C library; raises JailError where the kernel refuses."""
    converted = [ctypes.c_ulong(a) if isinstance(a, int) and a >= 0 else a for a in arguments]
    result = getattr(_libc, name)(*converted)
    if result < 0:
        raise JailError(f"{name} was refused: {os.strerror(ctypes.get_errno())}")
    return result


def die_with_parent() -> None:
    """Be killed by the kernel when the parent process ends."""
    call("prctl", _SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def drop_privileges(user: int | None, kept: int = 0) -> None:
    """Become `user` (None: stay), with no capabilities but `kept`, for ever."""
    for capability in range(_CAPABILITIES):
        _libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0)
    if user is None:
        kept = 0
    else:
        call("prctl", _SET_KEEPCAPS, 1, 0, 0, 0)
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    call("capset", struct.pack("Ii", 0x20080522, 0), struct.pack("IIIIII", kept, kept, 0, 0, 0, 0))
    call("prctl", _SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def install_filter(program: bytes) -> None:
    """Put a seccomp program in front of every system call from now on."""
    code = ctypes.create_string_buffer(program, len(program))
    fprog = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    call("prctl", _SET_SECCOMP, 2, fprog, 0, 0)
