"""One submission's code behind the fence: runs its cells, answers probes, and comes back after it has died."""

import builtins
import functools
import inspect
import textwrap
import time
import types
from dataclasses import dataclass, field

from autograder.sandbox import Ended, Sandbox, Seconds


class StudentError(Exception):
    """The student's code did not answer a probe; `kind` is a builtin exception's name, or what stopped it."""

    def __init__(self, kind: str, cell: str = "", line: int = 0, missing: str = "", digest: str = ""):
        super().__init__(kind)
        self.kind, self.cell, self.line, self.missing, self.digest = kind, cell, line, missing, digest


_GRACE_SECONDS = 3  # in which a cell that is told to stop can show what it had
_STOPPED = {
    "NotImplementedError": "this is not written yet",
    "Timeout": "your code did not finish within {seconds:g} seconds",
    "Died": "your code ended the Python process: it ran out of memory, or left Python",
    "WireError": "your code gives something other than numbers, text, arrays, or lists and dicts of them",
}


@dataclass
class Student:
    """Runs `cells` (name and source) once, then answers probes; restarts without the cells that were fatal."""

    sandbox: Sandbox
    cells: list[tuple[str, str]]
    forbidden: dict[str, list[str]]
    seconds: Seconds
    ran: dict[str, dict] = field(default_factory=dict)
    calls: dict[str, set[str]] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)

    def __post_init__(self):
        self._deadline = None
        self._session = None
        self._fatal: set[str] = set()

    def run_cells(self) -> dict[str, dict]:
        """What each cell showed (`outputs`) and how it `ended`: ok, error, timeout, crashed or not run."""
        while not self._start():
            pass
        return self.ran

    def _start(self):
        """Run the cells in a fresh process; False when one of them ended it."""
        self._session = self.sandbox.session(self.forbidden)
        if self._deadline is None:  # only now: the server may have had to start first
            self._deadline = time.monotonic() + self.seconds.submission
        for name, source in self.cells:
            if name in self._fatal:
                continue
            seconds = min(self.seconds.cell, self._left())
            if seconds <= 0:
                self.ran.setdefault(name, {"outputs": [], "ended": "not run"})
                continue
            try:
                request = {"do": "cell", "name": name, "source": source, "seconds": seconds}
                reply = self._session.ask(request, seconds + _GRACE_SECONDS)
            except (TimeoutError, Ended) as error:
                ended = "timeout" if isinstance(error, TimeoutError) else "crashed"
                self._fatal.add(name)
                self.ran[name] = {"outputs": [_note(ended, seconds)], "ended": ended}
                return False
            self.ran.setdefault(name, _checked(reply))
        return True

    def probe(self, task: str, probe, args: tuple, seed: int):
        """What a probe returns beside the student's code; raises StudentError."""
        if self._session is None:
            self.run_cells()
        seconds = min(self.seconds.probe, self._left())
        if seconds <= 0:
            return self._stop("Timeout")
        source = source_of(probe.__code__)
        request = {"do": "probe", "task": task, "source": source, "args": list(args), "seed": seed}
        try:
            reply = self._session.ask(request, seconds)
        except (TimeoutError, Ended) as error:
            self._session = None  # the next probe gets a fresh process
            return self._stop("Timeout" if isinstance(error, TimeoutError) else "Died")
        if not isinstance(reply, dict):
            return self._stop("Died")
        calls = reply.get("calls") if isinstance(reply.get("calls"), list) else []
        self.calls.setdefault(task, set()).update(str(name)[:100] for name in calls[:100])
        if "value" not in reply:
            raise _error(reply.get("error"))
        return reply["value"]

    def _stop(self, kind):
        self.stopped.add({"Timeout": "timeout", "Died": "crashed"}[kind])
        raise StudentError(kind)

    def explain(self, error: StudentError) -> str:
        """What stopped the student's code, in our own words, with the line of their own text."""
        if error.missing:
            last = [ran["outputs"][-1] for ran in self.ran.values() if ran["ended"] == "error" and ran["outputs"]]
            kinds = {str(output.get("ename")) for output in last} - {"AssertionError", "NotImplementedError"}
            why = f" (a cell stopped with {', '.join(sorted(kinds))[:80]})" if kinds else ""
            return f"your notebook does not define {error.missing}{why}"
        if error.kind in _STOPPED:
            return _STOPPED[error.kind].format(seconds=self.seconds.probe)
        kind = error.kind if isinstance(getattr(builtins, error.kind, None), type) else "an error"
        lines = dict(self.cells).get(error.cell, "").splitlines()
        if 0 < error.line <= len(lines):
            return f"your code raised {kind} in line {error.line} of its cell: {lines[error.line - 1].strip()[:120]}"
        return f"using your answer raised {kind}"

    def _left(self):
        return self._deadline - time.monotonic()

    def end(self) -> None:
        """End the confined process."""
        if self._session:
            self._session.end()


@functools.lru_cache(4096)
def source_of(code: types.CodeType) -> str:
    """The text of a probe, which is how it travels."""
    return textwrap.dedent(inspect.getsource(code))


def _error(error):
    """The error that the process reports, with every part checked: it may be anything."""
    if not isinstance(error, dict):
        return StudentError("Died")
    texts = {key: text[:64] for key in ("cell", "missing", "digest") if isinstance(text := error.get(key), str)}
    line = error.get("line")
    return StudentError(str(error.get("type"))[:40], line=line if isinstance(line, int) else 0, **texts)


def _checked(reply):
    if not isinstance(reply, dict) or reply.get("ended") not in {"ok", "error", "timeout"}:
        return {"outputs": [], "ended": "error"}
    return {"outputs": reply["outputs"] if isinstance(reply.get("outputs"), list) else [], "ended": reply["ended"]}


def _note(ended, seconds):
    text = {"timeout": f"This cell was stopped after {seconds:.0f} seconds.", "crashed": "This cell ended Python."}
    return {"output_type": "stream", "name": "stderr", "text": text[ended] + "\n"}
