"""Our side of the fence: starts the warm server, and talks to one confined process per submission."""

import atexit
import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.course import CourseError
from autograder.worker import wire
from autograder.worker.jail import Limits

_START_SECONDS = 120
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/tmp",
    **dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1"),
}


class SandboxError(CourseError):
    """The sandbox cannot be had or failed itself: never the student's fault."""


class Ended(Exception):
    """The confined process is gone, through whatever the student's code did."""


@dataclass(frozen=True)
class Seconds:
    """How long a cell, a probe and all of a submission may take, by the clock on the wall."""

    cell: float = 30
    probe: float = 5
    submission: float = 120


class Sandbox:
    """A warm server that forks a confined process for each submission."""

    def __init__(self, limits: Limits | None = None, jail: bool = True):
        """Start the server; raises SandboxError where the walls cannot be raised. `jail=False` goes without."""
        self.tier = "namespaces and seccomp" if jail else "none"
        self._root = tempfile.TemporaryDirectory(prefix="autograder-")
        self._control, other = socket.socketpair()
        settings = {
            "control": other.fileno(),
            "root": self._make("root"),
            "readable": [sys.prefix, sys.base_prefix],
            "hidden": [str(Path(__file__).parent)],
            "jail": jail,
            "limits": dataclasses.asdict(limits or Limits()),
        }
        self._log = Path(self._root.name, "server.log")
        with self._log.open("wb") as log:
            # Streams of its own: a server that held ours would keep a pipe open after its parent has gone.
            self._server = subprocess.Popen(
                [sys.executable, "-I", str(Path(__file__).parent / "worker"), json.dumps(settings)],
                pass_fds=[other.fileno()],
                env={**_ENVIRONMENT, "MPLCONFIGDIR": self._make("matplotlib")},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        other.close()
        self._ready = False
        atexit.register(self.close)

    def _make(self, name):
        path = Path(self._root.name, name)
        path.mkdir()
        return str(path)

    def session(self, forbidden: dict[str, list[str]] | None = None) -> "Session":
        """A fresh confined process; calls of the names in `forbidden`, by task, are noticed in its probes."""
        if not self._ready:
            self._wait_until_ready()
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(self._control, [b"."], [theirs.fileno()])
            wire.send(self._control, forbidden or {})
            theirs.close()
            ours.settimeout(_START_SECONDS)
            _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
        except OSError as error:
            raise SandboxError(f"the sandbox server is gone: {error}") from error
        if not descriptors:
            raise SandboxError("the sandbox server could not start a process")
        return Session(ours, descriptors[0])

    def _wait_until_ready(self):
        try:
            reply = wire.receive(self._control, time.monotonic() + _START_SECONDS)
        except (EOFError, OSError) as error:
            raise SandboxError(f"the sandbox server did not start:\n{self._log.read_text()[-2000:]}") from error
        if "error" in reply:
            raise SandboxError(
                f"this machine does not let student code be walled in: {reply['error']}.\n"
                "Allow user namespaces (as root: sysctl kernel.unprivileged_userns_clone=1 "
                "kernel.apparmor_restrict_unprivileged_userns=0), grade as root, or grade in a Linux container; "
                "--unsafe-no-jail grades without walls and says so in every verdict."
            )
        self._ready = True

    def close(self) -> None:
        """End the server and every process that it started."""
        atexit.unregister(self.close)
        self._control.close()
        self._server.kill()
        self._server.wait()
        self._root.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


class Session:
    """One confined process: requests go in, plain data comes out, until it ends or is ended."""

    def __init__(self, connection: socket.socket, process: int):
        self._connection, self._process = connection, process

    def ask(self, request: dict, seconds: float):
        """The reply to a request; raises Ended, or TimeoutError after `seconds`. Both end the process."""
        try:
            wire.send(self._connection, request)
            reply = wire.receive(self._connection, time.monotonic() + seconds)
        except TimeoutError:
            self.end()
            raise
        except (EOFError, OSError, wire.WireError) as error:
            self.end()
            raise Ended from error
        if isinstance(reply, dict) and "broken" in reply:
            self.end()
            raise SandboxError(str(reply["broken"])[:500])
        return reply

    def end(self) -> None:
        """Kill the process and all that it started."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, signal.SIGKILL)
            os.close(self._process)
            self._connection.close()
            self._process = None
