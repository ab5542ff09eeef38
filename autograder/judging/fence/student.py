"""One submission's code behind the fence: runs its cells, answers probes, and comes back after it has died."""

import builtins
import time
from collections import Counter
from dataclasses import dataclass, field

from autograder.judging.fence.outputs import Outputs, note
from autograder.judging.fence.sandbox import Ended, Sandbox
from autograder.judging.fence.settings import Seconds
from autograder.judging.hidden_tests.probe import source_of
from autograder.judging.intake.repair import ADDED


class StudentError(Exception):
    """The student's code did not answer a probe; `kind` is a builtin exception's name, or what stopped it."""

    def __init__(self, kind: str, cell: str = "", line: int = 0, missing: str = ""):
        super().__init__(kind)
        self.kind, self.cell, self.line, self.missing = kind, cell, line, missing


_GRACE_SECONDS = 3  # in which a cell that is told to stop can show what it had
# After so many timeouts a task's other probes wait a fraction of their time: an endless loop would else take the time
# of the tasks after it, and of everybody after this submission.
_TIMEOUTS, _FRACTION = 2, 0.2
# Of a submission's time, what cells that the student added must leave to the answers and their tests.
_KEPT = 0.5
_STOPPED = {
    "NotImplementedError": "this is not written yet",
    "Timeout": "your code did not finish within {seconds.probe:g} s",
    "TimeoutAgain": "your code did not finish within {again:g} s, after {timeouts} tests of this task had waited "
    "{seconds.probe:g} s for it",
    "OutOfTime": "your notebook had used up its {seconds.submission:g} seconds before this could be looked at",
    "Died": "your code ended the Python process: it crashed, or left Python",
    "WireError": "your code gives something other than numbers, text, arrays, or lists and dicts of them",
}
_NOT_SHOWN = {
    "timeout": "This cell was ended after its {seconds.cell:g} seconds were over. The others went on without it.",
    "crashed": "This cell ended the Python process: it crashed, or left Python. The others went on without it.",
    "OutOfTime": "This cell was not run: the ones before it took all of the {seconds.submission:g} seconds.",
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
        self._outputs = Outputs(self.sandbox.limits)
        self._fatal: set[str] = set()
        self._timeouts: Counter[str] = Counter()

    def run_cells(self) -> dict[str, dict]:
        """What each cell showed (`outputs`) and how it `ended`: ok, error, timeout, crashed or not run."""
        while not self._start():
            pass
        return self.ran

    def _start(self):
        """Run the cells in a fresh process; False when one of them ended it."""
        self._session = self.sandbox.session(self.forbidden, "\n".join(source for _, source in self.cells))
        if self._deadline is None:  # only now: the server may have had to start first
            self._deadline = time.monotonic() + self.seconds.submission
        for name, source in self.cells:
            if name in self._fatal:
                continue
            kept = self.seconds.submission * _KEPT * name.startswith(ADDED)
            seconds = min(self.seconds.cell, self._left() - kept)
            if seconds <= 0:
                self.ran.setdefault(name, {"outputs": [self._note("OutOfTime")], "ended": "not run"})
                continue
            try:
                request = {"do": "cell", "name": name, "source": source, "seconds": seconds}
                reply = self._session.ask(request, seconds + _GRACE_SECONDS)
            except (TimeoutError, Ended) as error:
                ended = "timeout" if isinstance(error, TimeoutError) else "crashed"
                self._fatal.add(name)
                self.ran[name] = {"outputs": [self._note(self._reached(error) or ended)], "ended": ended}
                return False
            if name not in self.ran:
                self.ran[name] = self._checked(reply)
        return True

    def probe(self, task: str, probe, args: tuple, seed: int):
        """What a probe returns beside the student's code; raises StudentError."""
        if self._session is None:
            self.run_cells()
        again = self._timeouts[task] >= _TIMEOUTS
        seconds = min(self.seconds.probe * (_FRACTION if again else 1), self._left())
        if seconds <= 0:
            return self._stop("OutOfTime")
        source = source_of(probe.__code__)
        request = {"do": "probe", "task": task, "source": source, "args": list(args), "seed": seed}
        try:
            reply = self._session.ask(request, seconds)
        except TimeoutError:
            self._session = None  # the next probe gets a fresh process
            self._timeouts[task] += 1
            return self._stop("TimeoutAgain" if again else "Timeout")
        except Ended as error:
            self._session = None
            return self._stop(self._reached(error) or "Died")
        if not isinstance(reply, dict):
            return self._stop("Died")
        calls = reply.get("calls") if isinstance(reply.get("calls"), list) else []
        self.calls.setdefault(task, set()).update(str(name)[:100] for name in calls[:100])
        if "value" not in reply:
            raise _error(reply.get("error"))
        return reply["value"]

    def _stop(self, kind):
        self.stopped.add("timeout" if kind in ("Timeout", "TimeoutAgain", "OutOfTime") else "crashed")
        raise StudentError(kind)

    def explain(self, error: StudentError) -> str:
        """What stopped the student's code, in our own words, with the line of their own text."""
        if error.missing:
            last = [ran["outputs"][-1] for ran in self.ran.values() if ran["ended"] == "error" and ran["outputs"]]
            kinds = {str(output.get("ename")) for output in last} - {"AssertionError", "NotImplementedError"}
            why = f" (a cell stopped with {', '.join(sorted(kinds))[:80]})" if kinds else ""
            return f"your notebook does not define {error.missing}{why}"
        if error.kind in _STOPPED:
            again = _FRACTION * self.seconds.probe
            return _STOPPED[error.kind].format(seconds=self.seconds, again=again, timeouts=_TIMEOUTS)
        if sentence := self.sandbox.limits.sentence(error.kind):
            return sentence
        kind = error.kind if isinstance(getattr(builtins, error.kind, None), type) else "an error"
        lines = dict(self.cells).get(error.cell, "").splitlines()
        if 0 < error.line <= len(lines):
            return f"your code raised {kind} in line {error.line} of its cell: {lines[error.line - 1].strip()[:120]}"
        return f"using your answer raised {kind}"

    def _checked(self, reply):
        """What a cell's run gave, with every part checked: it may be anything."""
        ended = reply.get("ended") if isinstance(reply, dict) else None
        if ended not in ("ok", "error", "timeout"):
            return {"outputs": [], "ended": "error"}
        return {"outputs": self._outputs.keep(reply.get("outputs")), "ended": ended}

    def _reached(self, error):
        """The limit that a process was ended for, "" for none that there is."""
        return str(error) if self.sandbox.limits.sentence(str(error)) else ""

    def _note(self, ended):
        """Why a cell shows nothing of its own."""
        if sentence := self.sandbox.limits.sentence(ended):
            return note(f"This cell was ended: {sentence}. The others went on without it.")
        return note(_NOT_SHOWN[ended].format(seconds=self.seconds))

    def _left(self):
        return self._deadline - time.monotonic()

    def end(self) -> None:
        """End the confined process."""
        if self._session:
            self._session.end()


def _error(error):
    """The error that the process reports, with every part checked: it may be anything."""
    if not isinstance(error, dict):
        return StudentError("Died")
    texts = {key: text[:64] for key in ("cell", "missing") if isinstance(text := error.get(key), str)}
    line = error.get("line")
    return StudentError(str(error.get("type"))[:40], line=line if isinstance(line, int) else 0, **texts)
