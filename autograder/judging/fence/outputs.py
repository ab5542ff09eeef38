"""What a notebook showed, rebuilt from what came through the fence: within limits, and with nothing that runs."""

import json
import re

import bleach
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.judging.fence.worker.jail import Limits

_TAGS = {
    *bleach.ALLOWED_TAGS, "br", "caption", "div", "h1", "h2", "h3", "h4", "hr", "p", "pre", "span", "sub", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr",
}  # fmt: skip
_ATTRIBUTES = {"*": ["class", "colspan", "rowspan", "scope", "title"], "a": ["href"]}
_STYLE = re.compile(r"<(style|script)\b.*?(</\1\s*>|$)", re.DOTALL | re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")


class Outputs:
    """Keeps the outputs of one submission's cells, each cell's and all of them within the limits."""

    def __init__(self, limits: Limits):
        self._limits, self._left = limits, limits.output_kb << 10

    def keep(self, outputs) -> list[NotebookNode]:
        """Those of a cell's outputs that can be shown; `outputs` may be anything."""
        kept, left = [], min(self._limits.cell_kb + 1 << 10, self._left)  # and one for a note
        for output in filter(None, map(_rebuilt, outputs if isinstance(outputs, list) else [])):
            size = len(json.dumps(output))
            if size > left:
                kept.append(note(f"The rest is cut: {self._limits.output_kb} kB of a notebook's output can be kept."))
                break
            kept.append(output)
            left -= size
            self._left -= size
        return kept


def note(text: str) -> NotebookNode:
    """An output of ours, beside the student's."""
    return new_output("stream", name="stderr", text=text + "\n")


def harmless(html: str) -> str:
    """HTML without scripts, styles and whatever else does more than show something."""
    return bleach.clean(_STYLE.sub("", html), tags=_TAGS, attributes=_ATTRIBUTES, strip=True)


def _rebuilt(output):
    """One output made anew of the parts that it may have, None for what is none."""
    if not isinstance(output, dict):
        return None
    if output.get("output_type") == "stream" and output.get("name") in ("stdout", "stderr"):
        return new_output("stream", name=output["name"], text=_text(output.get("text")))
    if output.get("output_type") == "error":
        lines = output.get("traceback")
        return new_output(
            "error",
            ename=_text(output.get("ename")),
            evalue=_text(output.get("evalue")),
            traceback=[_text(line) for line in lines] if isinstance(lines, list) else [],
        )
    data = output.get("data")
    shown = {kind: _KINDS[kind](_text(data[kind])) for kind in _KINDS if kind in data} if isinstance(data, dict) else {}
    return new_output("display_data", shown) if shown else None


def _text(value):
    return value if isinstance(value, str) else ""


def _base64(text):
    return text if _BASE64.fullmatch(text) else ""


_KINDS = {"text/plain": str, "text/html": harmless, "text/latex": str, "image/png": _base64}
