"""Runs a notebook's cells in IPython and keeps what they show, within bounds."""

import contextlib
import io
import signal

from IPython.core.displayhook import CapturingDisplayHook
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

TEXT_BYTES = 20_000
IMAGE_BYTES = 1_000_000
OUTPUTS = 20
_SHOWN = {
    "text/plain": TEXT_BYTES,
    "text/html": TEXT_BYTES * 5,
    "text/latex": TEXT_BYTES,
    "image/png": IMAGE_BYTES,
}


class CellTimeout(BaseException):
    """Raised inside a cell that ran out of time; not an Exception, so that few answers swallow it."""


class _Shell(InteractiveShell):
    def enable_gui(self, gui=None):
        """There is no window to show here: figures become outputs of their cell."""


class Notebook:
    """An IPython namespace in which cells run one after the other."""

    def __init__(self):
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        config.InteractiveShell.show_rewritten_input = False
        self.shell = _Shell.instance(config=config)
        self.shell.enable_matplotlib("inline")
        self.shell.compile.get_code_name = lambda raw, code, number: f"<cell {self._current}>"
        self.shell._showtraceback = self._keep_traceback
        self._current = ""
        self._traceback: list[str] = []

    @property
    def namespace(self) -> dict:
        """The names that the cells have defined."""
        return self.shell.user_ns

    def run(self, name: str, source: str, seconds: float) -> dict:
        """Run one cell; returns its `outputs` (nbformat's dicts) and `ended`: ok, error or timeout."""
        self._current, self._traceback = name, []
        stdout, stderr = _Bounded(TEXT_BYTES), _Bounded(TEXT_BYTES)
        self.shell.display_pub = displays = CapturingDisplayPublisher()
        self.shell.display_trap.hook = CapturingDisplayHook(shell=self.shell, outputs=displays.outputs)
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr), _alarm(seconds):
            try:
                result = self.shell.run_cell(source, store_history=False)
                error = result.error_before_exec or result.error_in_exec
            except CellTimeout as timeout:
                error = timeout
            except BaseException as other:
                error = other
        outputs = [_stream(kind, text) for kind, text in [("stdout", stdout), ("stderr", stderr)] if text.getvalue()]
        outputs += [_shown(output) for output in displays.outputs[:OUTPUTS]]
        ended = "ok"
        if error is not None:
            ended = "timeout" if isinstance(error, CellTimeout) else "error"
            outputs.append(self._error(error, seconds))
        return {"outputs": outputs, "ended": ended}

    def _keep_traceback(self, kind, value, lines):
        self._traceback = lines

    def _error(self, error, seconds):
        if isinstance(error, CellTimeout):
            return _error_output("Timeout", f"stopped after {seconds:g} seconds", [])
        text = str(error)[:TEXT_BYTES]
        return _error_output(type(error).__name__, text, [line[:TEXT_BYTES] for line in self._traceback[-30:]])


def _error_output(name, value, lines):
    return {
        "output_type": "error", "ename": name, "evalue": value, "traceback": [*lines[:30]] or [f"{name}: {value}"]
    }  # fmt: skip


class _Bounded(io.StringIO):
    """A text stream that forgets what goes beyond its bound."""

    def __init__(self, bound):
        super().__init__()
        self._left = bound

    def write(self, text):
        kept = text[: self._left]
        super().write(kept)
        self._left -= len(kept)
        if len(kept) < len(text) and kept:
            super().write("\n... the rest was cut\n")
        return len(text)


@contextlib.contextmanager
def _alarm(seconds):
    def stop(signum, frame):
        # Again and again, for code that catches everything.
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        raise CellTimeout

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _stream(kind, text):
    return {"output_type": "stream", "name": kind, "text": text.getvalue()}


def _shown(output):
    data = {kind: value for kind, value in output["data"].items() if kind in _SHOWN and len(value) <= _SHOWN[kind]}
    return {
        "output_type": "display_data",
        "data": data or {"text/plain": "(too large to keep)"},
        "metadata": {},
    }
