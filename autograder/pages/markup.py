"""Turns a notebook's text and code into HTML that runs nothing and loads nothing, with formulas as MathML."""

import contextlib
import functools
import html
import re
import unicodedata
from xml.etree import ElementTree

from latex2mathml.converter import Converter
from markupsafe import Markup, escape
from mistune import HTMLRenderer
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

_CHARACTERS = 20_000
_FORMULA_CHARACTERS = 2_000
_PICTURE_CHARACTERS = 1_500_000
_FOLDING = re.compile(r"&lt;(/?(?:details|summary))&gt;")
_ESCAPED = re.compile(r"\\([_%#&${}])")  # what LaTeX's text has a backslash before, and MathML's has not
_MACRO = re.compile(r"\\(?:re)?newcommand|\\g?def\b")  # one that repeats itself would never end
# Of the attributes that LaTeX can set, those that neither link nor style.
_ATTRIBUTES = {"xmlns", "display", "mathvariant", "stretchy", "fence", "form", "accent", "minsize", "maxsize", "width"}
_ATTRIBUTES |= {"displaystyle", "scriptlevel", "linethickness"}


class _Renderer(IPythonRenderer):
    """Escapes all HTML but what folds a hint away; a picture is its description, which needs no network."""

    def __init__(self):
        super().__init__(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
        self.unrendered = []

    def block_html(self, source):
        return _FOLDING.sub(r"<\1>", str(escape(source)))

    inline_html = block_html

    def heading(self, text, level, **attributes):
        # The page's own headings come first.
        return HTMLRenderer.heading(self, text, min(level + 2, 6))

    def block_code(self, code, info=None):
        return python(code) if info else HTMLRenderer.block_code(self, code)

    def image(self, text, url, title=None):
        return f"[picture: {text}]"

    def table(self, text):
        return _scrolling(Markup(f"<table>\n{text}</table>\n"), "table")

    def table_cell(self, text, align=None, head=False):
        return f'<th scope="col">{text}</th>\n' if head else f"<td>{text}</td>\n"

    def block_math(self, body):
        return _scrolling(self._formula(body, "block"), "formula")

    def inline_math(self, body):
        return self._formula(body, "inline")

    def latex_environment(self, name, body):
        return _scrolling(self._formula(rf"\begin{{{name}}}{body}\end{{{name}}}", "block"), "formula")

    def _formula(self, latex, display):
        found = math(latex, display)
        self.unrendered += [latex] * ("<math" not in found or "\\" in found)  # a command that nobody knew
        return found


@functools.lru_cache(512)  # most cells of a class are the same in each notebook
def markdown(source: str) -> Markup:
    """A Markdown cell as HTML."""
    return Markup(MarkdownWithMath(_Renderer()).render(cut(source)))


def unrendered(source: str) -> list[str]:
    """The formulas of a Markdown cell that stay LaTeX, in whole or in part, where a page shows them."""
    renderer = _Renderer()
    MarkdownWithMath(renderer).render(source)
    return renderer.unrendered


@functools.lru_cache(512)
def python(source: str) -> Markup:
    """Python code as HTML, its parts marked by pygments' short classes."""
    return Markup(highlight(cut(source), PythonLexer(stripnl=False), HtmlFormatter(cssclass="code")))


def _scrolling(content, what):
    """On a narrow screen what is wide scrolls by itself, by the keyboard too."""
    return Markup('<div class="scroll" role="group" aria-label="{}" tabindex="0">{}</div>').format(what, content)


def math(latex: str, display: str) -> Markup:
    """A formula as MathML, or as it was written where that cannot be had; `display` is "inline" or "block"."""
    if len(latex) > _FORMULA_CHARACTERS or _MACRO.search(latex):
        return Markup("<code>{}</code>").format(latex[:_FORMULA_CHARACTERS])
    try:
        tree = Converter(display=display).convert_to_element(latex.strip())
    except (Exception, RecursionError):  # what it raises depends on the text
        return Markup("<code>{}</code>").format(latex)
    for element in tree.iter():
        text = html.unescape(element.text or "")  # it holds symbols as character references
        element.text = _ESCAPED.sub(r"\1", text).replace("\\|", "\N{DOUBLE VERTICAL LINE}")
        if element.get("mathvariant") == "script":  # which browsers no longer know
            element.text = "".join(map(_script, element.text))
        element.attrib = {key: value for key, value in element.attrib.items() if key in _ATTRIBUTES}
    return Markup(ElementTree.tostring(tree, encoding="unicode"))


def _script(letter: str) -> str:
    """The letter as LaTeX's mathcal has it."""
    for name in (f"MATHEMATICAL SCRIPT CAPITAL {letter}", f"SCRIPT CAPITAL {letter}"):
        with contextlib.suppress(KeyError):
            return unicodedata.lookup(name)
    return letter


def plain(text: str, kind: str = "") -> Markup:
    """Text as it is; `kind` is a class of the page's styles."""
    return Markup('<pre class="{}">{}</pre>').format(kind, cut(text))


def output(shown: NotebookNode) -> Markup:
    """What a cell printed, drew, gave or raised, as a picture or as text; HTML is never taken over."""
    if shown.output_type == "stream":
        return plain(shown.text, "out")
    if shown.output_type == "error":
        return plain("\n".join(shown.traceback), "out error")
    picture = shown.data.get("image/png", "")
    if 0 < len(picture) <= _PICTURE_CHARACTERS:
        return Markup('<img alt="Figure drawn by the code above" src="data:image/png;base64,{}">').format(picture)
    return plain(shown.data.get("text/plain", ""), "out")


def cut(text: str) -> str:
    """The text within a page's bounds."""
    return text if len(text) <= _CHARACTERS else f"{text[:_CHARACTERS]}\n... the rest is left out here"
