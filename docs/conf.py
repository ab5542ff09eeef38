"""How Sphinx makes the site: `make docs`. A broken link, a missing page or anchor, or a warning ends it."""

import shutil
import sys
from pathlib import Path

from sphinx.errors import SphinxError

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import links  # noqa: E402
import made_from_code  # noqa: E402

project = "Initialization, normalization, regularization"
author = "the course's authors"
extensions = ["myst_parser"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "The course and its grader"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_copy_source = html_show_copyright = html_show_sphinx = False
nitpicky = True


def setup(app):
    app.connect("source-read", _fill)
    app.connect("build-finished", _finish)


def _fill(app, page, source):
    """Put what the code says behind what a person wrote on the pages of reference."""
    if page in made_from_code.PAGES:
        source[0] += made_from_code.PAGES[page]()


def _finish(app, error):
    """Put the matrix, whose pages are whole already, beside the others; follow every link of the site."""
    if error is None:
        shutil.copytree(HERE / "matrix", Path(app.outdir) / "matrix", dirs_exist_ok=True)
        if broken := links.broken(Path(app.outdir)):
            raise SphinxError("\n".join(broken))
