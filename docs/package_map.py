"""Draws the map of the package from its imports: `python docs/package_map.py` writes docs/package.svg."""

import ast
from collections.abc import Iterator
from html import escape
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "autograder"
CONTENT = ("hidden", "misconceptions")  # the course's, not the package's
WAY = ("course", "judging", "classroom", "pages", "lms")  # the author's folder, then a submission's stations
TITLES = ("the author writes", "1 notebook to verdict", "2 class to gradebook", "3 what people read")
TITLES += ("4 grades leave",)
ABOVE = {"cli": "the commands, one module a group of them", "proof": "how the author proves the course sound"}
BOX, GAP, LINE, TOP = 176, 18, 17, 250
_LEGEND = "An arrow leads to what is imported, a dashed one along the way. All import __init__, which has the errors."
_STYLE = """
.page { fill: #fff } .box { fill: #fff; stroke: #333; stroke-width: 1.5 } .word { fill: #111 } .small { fill: #444 }
.head { fill: #004b77; font-weight: 700 } .with { stroke: #0072B2 } .against { stroke: #D55E00; stroke-dasharray: 6 4 }
.with, .against { stroke-width: 2; fill: none } .withtip { fill: #0072B2 } .againsttip { fill: #D55E00 }
@media (prefers-color-scheme: dark) {
.page { fill: #14181d } .box { fill: #1f262e; stroke: #a3adb8 } .word { fill: #e6e9ed } .small { fill: #c3cbd4 }
.head { fill: #8cc8ee } .with { stroke: #4a9fd4 } .against { stroke: #e58a45 }
.withtip { fill: #4a9fd4 } .againsttip { fill: #e58a45 }
}
"""


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    paths = [path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in CONTENT]
    return {_dotted(path): path for path in sorted(paths)}


def _dotted(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(name: str, known: dict[str, Path]) -> set[str]:
    """The package's modules that one of them imports when it runs, at the top or in a function."""
    tree, found = ast.parse(known[name].read_text(encoding="utf-8")), set()
    for_types = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    never_run = {inner for node in for_types for inner in ast.walk(node)}
    for node in (node for node in ast.walk(tree) if node not in never_run):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, [_package(name, known, node.level), node.module]))
            found |= {base if (inner := f"{base}.{alias.name}") not in known else inner for alias in node.names}
    for script in (one.removesuffix("__main__") for one in known if one.endswith(".__main__")):
        if name.startswith(script):  # its modules know each other without the package
            found |= {f"{script}{other}" for other in found}
    return (found & known.keys()) - {name}


def _package(name, known, level):
    """Where a relative import begins; "" for an absolute one."""
    if not level:
        return ""
    parts = name.split(".")
    return ".".join(parts[: len(parts) + (known[name].name == "__init__.py") - level])


def folders() -> set[tuple[str, str]]:
    """Which folder of the package imports which."""
    known = modules()
    pairs = {(_folder(name), _folder(other)) for name in known for other in imports(name, known)}
    return {(one, other) for one, other in pairs if one != other}


def _folder(name):
    return [*name.split("."), ""][1]


def entries(folder: Path) -> list[str]:
    """What lies in a folder of the package: modules by their names, folders with a slash."""
    names = [path.stem for path in folder.glob("*.py") if path.name != "__init__.py"]
    names += [f"{path.parent.name}/" for path in folder.glob("*/__init__.py")]
    return sorted(names)


def _lines(folder: Path) -> Iterator[tuple[str, int]]:
    """A box's lines with their indentation."""
    for name in entries(folder):
        yield name, 0
        if name.endswith("/"):
            yield from ((inner, 1) for inner in entries(folder / name))


def draw() -> str:
    """The map as SVG."""
    boxes = {name: list(_lines(PACKAGE / name)) for name in WAY}
    low = TOP + 56 + LINE * max(map(len, boxes.values()))
    height = low + 130
    pairs = folders()
    parts = [_bar(name, 16 + 58 * number, pairs) for number, name in enumerate(ABOVE)]
    parts += [_box(number, name, boxes[name], low) for number, name in enumerate(WAY)]
    arcs = [(WAY.index(one), WAY.index(other)) for one, other in sorted(pairs) if {one, other} <= set(WAY)]
    parts += [_arc(one, other, TOP if one > other else low) for one, other in arcs]
    parts.append(_text(_left(2) + BOX / 2, height - 14, "small", _LEGEND))
    width = _left(len(WAY))
    said = "The package's folders in the order of a submission's way, the modules in each, and which imports which."
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"',
            'font-family="system-ui, sans-serif" font-size="14" role="img" aria-labelledby="title">',
            f'<title id="title">{said}</title>',
            f"<style>{_STYLE}</style>",
            f"<defs>{_tip('with')}{_tip('against')}</defs>",
            f'<rect class="page" width="{width}" height="{height}"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _tip(kind):
    size = 'viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7"'
    return f'<marker id="{kind}" {size} orient="auto"><path class="{kind}tip" d="M0 0L10 5L0 10z"/></marker>'


def _left(number):
    return GAP + number * (BOX + GAP)


def _text(x, y, kind, text, anchor="middle"):
    return f'<text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'


def _bar(name, y, pairs):
    """A folder above the way, which imports most of it."""
    used = ", ".join(other for other in (*ABOVE, *WAY) if (name, other) in pairs)
    width = _left(len(WAY)) - 2 * GAP
    return "\n".join(
        [
            f'<rect x="{GAP}" y="{y}" width="{width}" height="50" rx="8" class="box"/>',
            _text(GAP + 14, y + 21, "head", f"{name}/", "start"),
            _text(GAP + 80, y + 21, "small", f"{ABOVE[name]}; imports {used}", "start"),
            _text(GAP + 80, y + 41, "word", ", ".join(entries(PACKAGE / name)), "start"),
        ]
    )


def _box(number, name, lines, low):
    x = _left(number)
    parts = [
        f'<rect x="{x}" y="{TOP}" width="{BOX}" height="{low - TOP}" rx="8" class="box"/>',
        _text(x + 12, TOP + 22, "head", f"{name}/", "start"),
        _text(x + 12, TOP + 40, "small", TITLES[number], "start"),
    ]
    for row, (text, depth) in enumerate(lines):
        kind = "small" if depth else "word"
        parts.append(_text(x + 12 + 16 * depth, TOP + 62 + LINE * row, kind, text, "start"))
    return "\n".join(parts)


def _arc(one, other, y):
    """From who imports to what is imported: above the boxes along the way's order, below them against it."""
    kind, up = ("with", -1) if one > other else ("against", 1)
    shift = 18 * (abs(one - other) - 1)
    start, end = _left(one) + BOX / 2 - 12 - shift, _left(other) + BOX / 2 + 12 + shift
    if up > 0:
        start, end = _left(one) + BOX / 2 + 12, _left(other) + BOX / 2 - 12
    bend = y + up * (34 + 36 * abs(one - other))
    curve = f"M{start:g} {y}C{start:g} {bend} {end:g} {bend} {end:g} {y}"
    return f'<path class="{kind}" marker-end="url(#{kind})" d="{curve}"/>'


if __name__ == "__main__":
    (HERE / "package.svg").write_text(draw(), encoding="utf-8")
