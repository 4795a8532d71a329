r"""A table in LaTeX; needs the packages ``booktabs`` and ``graphicx``."""

from __future__ import annotations

import re

from mllmu.report.tables.grid import DASH, Cell, Grid, Mark, Row
from mllmu.visible_text import visible

_WRAPS = {Mark.PLAIN: "{}", Mark.BEST: r"\textbf{{{}}}"}

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "▼": r"$\blacktriangledown$",
    "▽": r"$\triangledown$",
    "∅": r"$\emptyset$",
    "≥": r"$\geq$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "−": r"$-$",
    "²": r"$^2$",
    "–": "--",
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
}


def to_latex(grid: Grid) -> str:
    """Return a ``table*`` environment, as wide as the text, ending in a newline."""
    width = sum(len(group.columns) for group in grid.groups)
    spans = [f"\\multicolumn{{{len(group.columns)}}}{{c}}{{{escape(group.title)}}}" for group in grid.groups]
    names = [escape(name) for group in grid.groups for name in group.columns]
    lines = [
        r"% \usepackage{booktabs,graphicx,amssymb}",
        r"\begin{table*}[t]",
        r"\centering",
        f"\\caption{{{escape(f'{grid.title}. {grid.caption}')}}}",
        f"\\label{{tab:{grid.name}}}",
        r"\resizebox{\textwidth}{!}{%",
        f"\\begin{{tabular}}{{l{'r' * width}}}",
        r"\toprule",
        _line(["", *spans]),
        _rules(grid),
        _line(["", *names]),
    ]
    for block in grid.blocks:
        counts = [f"\\scriptsize $n$={escape(count)}" if count else "" for count in block.counts]
        lines += [
            r"\midrule",
            _line([f"\\textit{{{escape(block.title)}}}", *counts]),
            *(_row(row) for row in block.references),
            r"\cmidrule{1-" + str(width + 1) + "}",
            *(_row(row) for row in block.methods),
        ]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}}", r"\end{table*}", ""])


def escape(text: str) -> str:
    """Return text that LaTeX prints as it is, on one line: an empty one would end a caption."""
    return "".join(_SPECIAL.get(letter, letter) for letter in " ".join(visible(text).split()))


def _rules(grid: Grid) -> str:
    rules, start = [], 2
    for group in grid.groups:
        stop = start + len(group.columns) - 1
        rules.append(f"\\cmidrule(lr){{{start}-{stop}}}")
        start = stop + 1
    return " ".join(rules)


def _row(row: Row) -> str:
    return _line([escape(row.title), *(_cell(cell) for cell in row.cells)])


def _cell(cell: Cell) -> str:
    text = _WRAPS[cell.mark].format("--" if cell.text == DASH else _with_minus(cell.text))
    if cell.interval:
        text += f" {{\\scriptsize {_with_minus(escape(cell.interval))}}}"
    return " ".join([text, *(_SPECIAL[flag.value] for flag in cell.flags)])


def _with_minus(numbers: str) -> str:
    """Numbers with a minus as LaTeX prints one; what follows a dash would make it a longer dash."""
    return re.sub(r"(?<![\w-])-(?=\d)", "$-$", numbers)


def _line(cells: list[str]) -> str:
    return f"{' & '.join(cells)} \\\\"
