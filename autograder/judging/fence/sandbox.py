"""Our side of the fence: starts the warm server, and talks to one confined process per submission."""

import atexit
import contextlib
import dataclasses
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from autograder import CourseError, course
from autograder.judging.fence.clock import Clock, OutOfTime, Time
from autograder.judging.fence.scratch import Scratch, delete
from autograder.judging.fence.settings import Settings
from autograder.judging.fence.worker import wire
from autograder.judging.fence.worker.jail import Limits, die_with_parent
from autograder.judging.fence.worker.warm import ON_DEMAND

TIERS = ("namespaces", "landlock")
READABLE = [sys.prefix, sys.base_prefix]
_START_SECONDS = 600  # on a machine that is busy with other things
_PACKET = 1 << 16
_END_MS = 3000
_PLENTY = Time(10, 35)
_GRACE_SECONDS = 3  # in which a cell that is told to stop can show what it had
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/tmp",
    "TORCHINDUCTOR_CACHE_DIR": sys.prefix,  # any folder that is there behind the walls too: nothing is written to it
    **dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1"),
}


class SandboxError(CourseError):
    """The sandbox cannot be had or failed itself: never the student's fault."""


class Ended(Exception):
    """The confined process is gone, through whatever the student's code did; its text is the limit reached, if any."""


class Sandbox:
    """A warm server that forks a confined process for each submission."""

    def __init__(self, limits: Limits | None = None, jail: bool = True, tiers: Sequence[str] = TIERS):
        """Start the server behind the first of `tiers` that this machine allows; `jail=False` goes without walls.

        It warms up while the caller goes on. `ready` raises SandboxError where no walls can be had.
        """
        self.limits = limits or Limits()
        self._folder = Scratch()
        self._folder.path.chmod(0o711)  # so that a user who owns a scratch folder finds it
        # A request and its reply are one packet each: several processes of ours may ask one server.
        self._control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        settings = {
            "control": other.fileno(),
            "root": self._folder.make("root"),
            "readable": READABLE,
            "hidden": [str(course.PACKAGE)],
            "tiers": list(tiers) if jail else ["none"],
            "limits": dataclasses.asdict(self.limits),
        }
        self._log = self._folder.path / "server.log"
        with self._log.open("wb") as log:
            # Streams of its own: a server that held ours would keep a pipe open after its parent has gone.
            self._server = subprocess.Popen(
                [sys.executable, "-I", str(Path(__file__).parent / "worker"), json.dumps(settings)],
                pass_fds=[other.fileno()],
                env={**_ENVIRONMENT, "MPLCONFIGDIR": self._folder.make("matplotlib")},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # From its first moment on: until it is warm it would not notice that nobody waits for it.
                preexec_fn=die_with_parent,
            )
        other.close()
        self.tier = ""  # known when the server is ready
        atexit.register(self.close)

    def session(self, forbidden: dict[str, list[str]] | None = None, code: str = "") -> "Session":
        """A fresh confined process, in which `code` will run: what it needs is loaded first, if nobody's did before.

        Calls of the names in `forbidden`, by task, are noticed in its probes.
        """
        self.ready()
        scratch = "" if self.tier == "namespaces" else tempfile.mkdtemp(dir=self._folder.path)
        ours, theirs = socket.socketpair()
        try:
            words = [word for word in ON_DEMAND if word in code]
            request = wire.encode({"forbidden": forbidden or {}, "scratch": scratch, "words": words})
            socket.send_fds(self._control, [request], [theirs.fileno()])
            theirs.close()
            ours.settimeout(_START_SECONDS)
            message, descriptors, _, _ = socket.recv_fds(ours, 500, 1)
        except OSError as error:
            raise SandboxError(f"the sandbox server is gone: {error}") from error
        if not descriptors:
            raise SandboxError(f"the sandbox server could not start a process:\n{self._said()}")
        session = Session(ours, descriptors[0], scratch)
        if message != b".":
            session.end()
            raise SandboxError(f"a submission could not be walled in: {message.decode(errors='replace')}")
        return session

    def ready(self) -> "Sandbox":
        """Wait until the server is warm; raises SandboxError."""
        if self.tier:
            return self
        try:
            self._control.settimeout(_START_SECONDS)
            reply = wire.loads(self._control.recv(_PACKET))
        except (wire.WireError, OSError) as error:
            raise SandboxError(f"the sandbox server did not start:\n{self._said()}") from error
        if "error" in reply:
            raise SandboxError(
                f"this machine does not let student code be walled in ({reply['error']}). "
                "Run `course doctor`: it says what is missing and how to get it. "
                "--unsafe-no-jail grades without walls and says so in every verdict."
            )
        self.tier = reply["ready"]
        return self

    def _said(self):
        return self._log.read_text(errors="replace")[-2000:]

    def close(self) -> None:
        """End the server and every process that it started."""
        atexit.unregister(self.close)
        self._control.close()
        self._server.kill()
        self._server.wait()
        self._folder.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


@functools.cache
def shared(settings: Settings) -> Sandbox:
    """The one server of this process."""
    return Sandbox(settings.limits, settings.jail)


class Session:
    """One confined process: requests go in, plain data comes out, until it ends or is ended."""

    def __init__(self, connection: socket.socket, process: int, scratch: str):
        self._connection, self._process, self._scratch = connection, process, scratch
        self.clock = Clock(process)

    def run(self, source: str, allowed: Time = _PLENTY, name: str = "", checks: Sequence[str] = ()) -> dict:
        """Run a cell, which is stopped when what is `allowed` is over, and ended a bit later; raises as `ask` does.

        `checks` are the tasks whose checks stand between it and the cell before it.
        """
        request = {"do": "cell", "name": name, "source": source, "checks": list(checks)} | allowed._asdict()
        return self.ask(request, Time(*(seconds + _GRACE_SECONDS for seconds in allowed)))

    def ask(self, request: dict, allowed: Time):
        """The reply to a request; raises Ended, or OutOfTime when what is `allowed` is over. Both end the process."""
        self.clock.start(allowed)
        try:
            self._connection.settimeout(allowed.wall)
            wire.send(self._connection, request)
            reply = wire.receive(self._connection, self.clock.left)
        except TimeoutError as error:
            late = error if isinstance(error, OutOfTime) else OutOfTime(waiting=True, busy=self.clock.busy)
            self.end()
            raise late from None
        except (EOFError, OSError, wire.WireError) as error:
            self.end()
            raise Ended from error
        if isinstance(reply, dict) and "reached" in reply:
            self.end()
            raise Ended(str(reply["reached"])[:20])
        return reply

    def end(self) -> None:
        """Kill the process and take its folder away."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, signal.SIGKILL)
            if self._scratch:
                ended = select.poll()
                ended.register(self._process, select.POLLIN)
                ended.poll(_END_MS)  # then it writes no more
                delete(self._scratch)
            os.close(self._process)
            self._connection.close()
            self._process = None
