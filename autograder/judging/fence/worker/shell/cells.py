"""Runs a notebook's cells in IPython and keeps what they show, within bounds."""

import contextlib
import json
import re
import signal

import jail

from . import ipython

_RUN_THEIR_BODY = re.compile(r"\s*((?:%%(?:time|capture|prun)\b.*\n)+)")
TEXT_BYTES = 20_000
IMAGE_BYTES = 1_000_000
_SHOWN = {
    "text/plain": TEXT_BYTES,
    "text/html": TEXT_BYTES * 5,
    "text/latex": TEXT_BYTES,
    "image/png": IMAGE_BYTES,
}


class CellTimeout(BaseException):
    """Raised inside a cell that ran out of time, with the reason; not an Exception, so that few answers swallow it."""


class Notebook:
    """An IPython namespace in which cells run one after the other."""

    def __init__(self, limits: jail.Limits):
        self._limits = limits
        self.shell = ipython.start(limits.sentence("walls"))
        self.shell.name_code = lambda: f"<cell {self._current}>"
        self.shell._showtraceback = self._keep_traceback
        self._current = ""
        self._traceback: list[str] = []

    @property
    def namespace(self) -> dict:
        """The names that the cells have defined."""
        return self.shell.user_ns

    def run(self, name: str, source: str, cpu: float, wall: float) -> dict:
        """Run one cell for so many seconds of processor time, and on the wall's clock, at most.

        Returns its `outputs` (nbformat's dicts) and `ended`: ok, error or timeout.
        """
        self._current, self._traceback = name, []
        shown = ipython.Shown(self.shell, TEXT_BYTES)
        with contextlib.redirect_stdout(shown.stdout), contextlib.redirect_stderr(shown.stderr), _alarms(cpu, wall):
            try:
                result = self.shell.run_cell(_on_its_lines(source), store_history=bool(name))
                error = result.error_before_exec or result.error_in_exec
            except CellTimeout as timeout:
                error = timeout
            except BaseException as other:
                error = other
        streams = [("stdout", shown.stdout), ("stderr", shown.stderr)]
        outputs = [_stream(kind, text) for kind, stream in streams if (text := stream.getvalue())]
        outputs += [_shown(data) for data in shown.displayed]
        if error is None:
            return {"outputs": self._within_limit(outputs, []), "ended": "ok"}
        ended = "timeout" if isinstance(error, CellTimeout) else "error"
        return {"outputs": self._within_limit(outputs, [self._error(error)]), "ended": ended}

    def _within_limit(self, outputs, last):
        """As much of the outputs as a cell may show beside the last one, which tells how it ended."""
        left = (self._limits.cell_kb << 10) - len(json.dumps(last))
        for count, output in enumerate(outputs):
            left -= len(json.dumps(output))
            if left < 0:
                cut = f"The rest is cut: {self._limits.cell_kb} kB of a cell's output can be kept.\n"
                return [*outputs[:count], _stream("stderr", cut), *last]
        return [*outputs, *last]

    def _keep_traceback(self, kind, value, lines):
        self._traceback = lines

    def _error(self, error):
        if isinstance(error, CellTimeout):
            return _error_output("Timeout", f"this cell was stopped: {error}", [])
        text = _clean(str(error))
        if sentence := self._limits.sentence(jail.reached(error)):
            text = f"{text} ({sentence})".lstrip()
        return _error_output(type(error).__name__, text, [_clean(line) for line in self._traceback])


def _on_its_lines(source):
    """The cell with what a magic runs in the lines in which the student sees it."""
    if found := _RUN_THEIR_BODY.match(source):
        return found[1] + "\n" * found[0].count("\n") + source[found.end() :]
    return source.lstrip() if source.lstrip().startswith("%%") else source


def _clean(text):
    """Text that can be written as UTF-8, within bounds."""
    return text[:TEXT_BYTES].encode(errors="replace").decode()


def _error_output(name, value, lines):
    lines = [*lines[-30:-1], f"{name}: {value}"]
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": lines}


@contextlib.contextmanager
def _alarms(cpu, wall):
    why = {
        signal.SIGPROF: f"it has used up the {cpu:g} seconds of processor time that it may take",
        signal.SIGALRM: f"it sleeps or waits, and has not come to its end in {wall:g} seconds",
    }

    reached = []

    def stop(signum, frame):
        # Again and again, for code that catches everything.
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        reached.append(why[signum])
        raise CellTimeout(reached[0])

    for number in why:
        signal.signal(number, stop)
    signal.setitimer(signal.ITIMER_PROF, cpu)
    signal.setitimer(signal.ITIMER_REAL, wall)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _stream(kind, text):
    return {"output_type": "stream", "name": kind, "text": _clean(text)}


def _shown(data):
    data = {kind: _clean_data(kind, value) for kind, value in data.items() if kind in _SHOWN}
    fitting = {kind: value for kind, value in data.items() if len(value) <= _SHOWN[kind]}
    return {"output_type": "display_data", "data": fitting or {"text/plain": "(too large to keep)"}, "metadata": {}}


def _clean_data(kind, value):
    return value if kind == "image/png" else str(value).encode(errors="replace").decode()
