"""IPython as a notebook's cells know it, without programs to start; what a cell shows is kept, within bounds."""

import functools
import io
import sys

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.inputtransformer2 import leading_empty_lines
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList
from traitlets import Type
from traitlets.config import Config

_NOT_RUN = 126  # what a Unix shell says of a program that it may not start


class _Compiler(CachingCompiler):
    """Gives all code of a cell one name, also what `%%time` runs, by which errors are told in the cell's lines."""

    def get_code_name(self, raw_code, transformed_code, number):
        return Shell.instance().name_code()

    def __call__(self, source, filename, symbol, **options):
        timed = filename in ("<timed exec>", "<timed eval>")
        return super().__call__(source, self.get_code_name("", "", 0) if timed else filename, symbol, **options)


class _Hook(DisplayHook):
    """Keeps the value of a cell's last line in `_` and `Out`, as ever, and shows it."""

    def write_output_prompt(self):
        """There is none."""

    def write_format_data(self, format_dict, md_dict=None):
        self.shown.display(format_dict)

    def finish_displayhook(self):
        """Nothing is left to be written."""


class _Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, source=None, **more):
        self.shown.display(data)

    def clear_output(self, wait=False):
        self.shown.clear(wait)


class Shell(InteractiveShell):
    """Refuses programs as a Jupyter kernel reports a missing one: a line in the output, and the cell goes on."""

    refusal, name_code = "", str
    compiler_class, displayhook_class, display_pub_class = Type(_Compiler), Type(_Hook), Type(_Publisher)

    def enable_gui(self, gui=None):
        """There is no window to show here: figures become outputs of their cell."""

    def system(self, cmd):
        """What `!`, `%pip` and `%ls` call."""
        print(f"{cmd.strip()[:80]}: not run: {self.refusal}", file=sys.stderr)
        self.user_ns["_exit_code"] = _NOT_RUN

    system_raw = system_piped = system

    def getoutput(self, cmd, split=True, depth=0):
        """What `files = !ls` calls."""
        self.system(cmd)
        return SList() if split else ""


def start(refusal: str) -> Shell:
    """The one shell of this process; `refusal` says why it starts no programs."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.show_rewritten_input = False
    shell = Shell.instance(config=config)
    shell.refusal = refusal
    shell.enable_matplotlib("inline")
    shell.input_transformer_manager.cleanup_transforms.remove(leading_empty_lines)  # errors name the student's lines
    shell.db = {}  # where `%cd` keeps where it was: there is no profile folder
    for name in ["script", *shell.magics_manager.registry["ScriptMagics"].script_magics]:
        shell.register_magic_function(functools.partial(_refuse, shell, name), "cell", name)
    return shell


def _refuse(shell, magic, line, cell):
    shell.system(f"%%{magic} {line}".strip())


class Shown:
    """What the running cell has shown: text, and displayed things as nbformat's `data`; `clear` forgets it all."""

    def __init__(self, shell: Shell, bound: int):
        self.stdout, self.stderr, self.displayed = _Bounded(self, bound), _Bounded(self, bound), []
        self._waiting = False
        shell.displayhook.shown = shell.display_pub.shown = self

    def display(self, data: dict) -> None:
        """Show something behind what is there."""
        self.before_more()
        self.displayed.append(data)

    def clear(self, wait: bool) -> None:
        """Forget what was shown, now or when more comes."""
        self._waiting = True
        if not wait:
            self.before_more()

    def before_more(self) -> None:
        """More comes."""
        if self._waiting:
            self._waiting = False
            self.displayed.clear()
            self.stdout.forget()
            self.stderr.forget()


class _Bounded(io.StringIO):
    """A text stream that forgets what goes beyond its bound."""

    def __init__(self, shown, bound):
        super().__init__()
        self._shown, self._bound, self._left = shown, bound, bound

    def forget(self):
        self.seek(0)
        self.truncate()
        self._left = self._bound

    def write(self, text):
        self._shown.before_more()
        kept = text[: self._left]
        super().write(kept)
        self._left -= len(kept)
        if len(kept) < len(text) and kept:
            super().write("\n... the rest is cut\n")
        return len(text)
