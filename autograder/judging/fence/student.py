"""One submission's code behind the fence: runs its cells, answers probes, and comes back after it has died."""

import builtins
import contextlib
import marshal
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from autograder.judging.fence.clock import OutOfTime, Time
from autograder.judging.fence.outputs import Outputs, note
from autograder.judging.fence.sandbox import Ended, Sandbox
from autograder.judging.fence.settings import Seconds
from autograder.judging.fence.worker import probes
from autograder.judging.fence.worker.jail import backstop
from autograder.judging.hidden_tests.probe import Probe
from autograder.judging.intake.repair import ADDED


class StudentError(Exception):
    """The student's code did not answer a probe; `kind` is a builtin exception's name, or what stopped it."""

    def __init__(self, kind: str, cell: str = "", line: int = 0, missing: str = ""):
        super().__init__(kind)
        self.kind, self.cell, self.line, self.missing = kind, cell, line, missing


# After so many timeouts a task's other probes wait a fraction of their time: an endless loop would else take the time
# of the tasks after it, and of everybody after this submission.
_TIMEOUTS, _FRACTION = 2, 0.2
# Of a submission's time, what cells that the student added must leave to the answers and their tests.
_KEPT = 0.5
_STOPPED = {
    "NotImplementedError": "this is not written yet",
    "Timeout": "your code did not finish within {probe.cpu:g} s of processor time",
    "Waited": "your code did not finish within {probe.wall:g} s on the clock: it sleeps, or waits for something",
    "TimeoutAgain": "your code did not finish within {again.cpu:g} s of processor time ({again.wall:g} s on the "
    "clock), after {timeouts} tests of this task had waited {probe.cpu:g} s ({probe.wall:g} s) for it",
    "OutOfTime": "your notebook had used up its {whole.cpu:g} s of processor time ({whole.wall:g} s on the clock) "
    "before this could be looked at",
    "Died": "your code ended the Python process: it crashed, or left Python",
    "WireError": "your code gives something other than numbers, text, arrays, or lists and dicts of them",
}
_NOT_SHOWN = {
    "timeout": "This cell was ended: it used up its {cell.cpu:g} s of processor time. The others went on without it.",
    "waited": "This cell was ended: it sleeps, or waits for something, and was not done after {cell.wall:g} s. The "
    "others went on without it.",
    "crashed": "This cell ended the Python process: it crashed, or left Python. The others went on without it.",
    "OutOfTime": "This cell was not run: the ones before it took all of the {whole.cpu:g} s of processor time "
    "({whole.wall:g} s on the clock) that a notebook may take.",
}


@dataclass
class Student:
    """Runs `cells` (name and source) once, then answers probes; restarts without the cells that were fatal.

    `checks` says for each task how many cells stand before its check: its probes see the names as they stood there.
    What may take so much processor time may take `patience` times its `backstop` by the clock on the wall. `hindered`
    tells that this was not enough while the machine was busy with other things: what is right may have failed for it.
    """

    sandbox: Sandbox
    cells: list[tuple[str, str]]
    forbidden: dict[str, list[str]]
    seconds: Seconds
    checks: Mapping[str, int] = field(default_factory=dict)
    patience: float = 1
    hindered: bool = False
    ran: dict[str, dict] = field(default_factory=dict)
    calls: dict[str, set[str]] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)

    def __post_init__(self):
        self._session = None
        self._taken = Time(0, 0)
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
        checks = []
        for number, (name, source) in enumerate(self.cells):
            checks += [task for task, place in self.checks.items() if place == number]
            if name in self._fatal:
                continue
            allowed = self._allowed(self.seconds.cell, whole=1 - _KEPT * name.startswith(ADDED))
            if min(allowed) <= 0:
                self.ran.setdefault(name, {"outputs": [self._note("OutOfTime")], "ended": "not run"})
                continue
            try:
                with self._counted():
                    reply = self._session.run(source, allowed, name, checks)
            except (OutOfTime, Ended) as error:
                ended = "timeout" if isinstance(error, OutOfTime) else "crashed"
                why = "waited" if isinstance(error, OutOfTime) and error.waiting else self._reached(error) or ended
                self._fatal.add(name)
                self.ran[name] = {"outputs": [self._note(why)], "ended": ended}
                return False
            checks = []
            self.hindered |= self._session.clock.taken.wall > allowed.wall and self._session.clock.busy
            if name not in self.ran:
                self.ran[name] = self._checked(reply)
        return True

    @contextlib.contextmanager
    def _counted(self):
        clock = self._session.clock
        try:
            yield
        except OutOfTime as error:
            self.hindered |= error.waiting and error.busy
            raise
        finally:
            self._taken = Time(*map(sum, zip(self._taken, clock.taken, strict=True)))

    def _limit(self, seconds, share=1.0):
        """What code may take that may use `seconds` of processor time."""
        return Time(seconds * share, backstop(seconds) * self.patience * share)

    def _allowed(self, seconds, share=1.0, whole=1.0):
        """The same, within what is left of the part `whole` of all that the submission may take."""
        limits = self._limit(seconds, share), self._limit(self.seconds.submission, whole)
        return Time(*(min(own, whole - taken) for own, whole, taken in zip(*limits, self._taken, strict=True)))

    def probe(self, task: str, probe: Probe, args: tuple, seed: int):
        """What a probe returns beside the student's code; raises StudentError."""
        if self._session is None:
            self.run_cells()
        again = self._timeouts[task] >= _TIMEOUTS
        allowed = self._allowed(self.seconds.probe, _FRACTION if again else 1)
        if min(allowed) <= 0:
            return self._stop("OutOfTime")
        request = {"do": "probe", "task": task, "code": _code(probe), "args": list(args), "seed": seed}
        try:
            with self._counted():
                reply = self._session.ask(request, allowed)
        except OutOfTime as error:
            self._session = None  # the next probe gets a fresh process
            self._timeouts[task] += 1
            return self._stop("TimeoutAgain" if again else "Waited" if error.waiting else "Timeout")
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
        self.stopped.add("timeout" if kind in ("Timeout", "Waited", "TimeoutAgain", "OutOfTime") else "crashed")
        raise StudentError(kind)

    def explain(self, error: StudentError) -> str:
        """What stopped the student's code, in our own words, with the line of their own text."""
        if error.missing:
            last = [ran["outputs"][-1] for ran in self.ran.values() if ran["ended"] == "error" and ran["outputs"]]
            kinds = {str(output.get("ename")) for output in last} - {"AssertionError", "NotImplementedError"}
            why = f" (a cell stopped with {', '.join(sorted(kinds))[:80]})" if kinds else ""
            return f"your notebook does not define {error.missing}{why}"
        if error.kind in _STOPPED:
            return _STOPPED[error.kind].format(timeouts=_TIMEOUTS, **self._limits())
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
        return note(_NOT_SHOWN[ended].format(**self._limits()))

    def _limits(self):
        """The limits that sentences name."""
        probe, again = self._limit(self.seconds.probe), self._limit(self.seconds.probe, _FRACTION)
        cell, whole = self._limit(self.seconds.cell), self._limit(self.seconds.submission)
        return {"probe": probe, "again": again, "cell": cell, "whole": whole}

    def end(self) -> None:
        """End the confined process."""
        if self._session:
            self._session.end()


def _code(probe):
    """What a probe travels as: compiled here, as both sides are one Python."""
    return np.frombuffer(marshal.dumps(probes.compiled(probe.source)), np.uint8)


def _error(error):
    """The error that the process reports, with every part checked: it may be anything."""
    if not isinstance(error, dict):
        return StudentError("Died")
    texts = {key: text[:64] for key in ("cell", "missing") if isinstance(text := error.get(key), str)}
    line = error.get("line")
    return StudentError(str(error.get("type"))[:40], line=line if isinstance(line, int) else 0, **texts)
