"""What in a chat template no time limit could stop, found by reading the template before it is run.

A loop without end is stopped between two of its steps. A single step is not: while Python computes a power
of large numbers, no other thread gets a turn, the one that watches the time included. So steps whose result
may be out of proportion to what they are given are refused. No template that comes with a model has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from jinja2 import Environment, TemplateError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from typing_extensions import override

# Far more than any indentation or line of dashes has; ranges end at 100,000 by themselves.
_LARGEST_FACTOR = 10_000
_LARGEST_NUMBER = 1_000_000
_LONG_NUMBER = r"\d{7,}"
# "%9999999d" and "{:9999999}": how wide something is to be written.
_PRINTF_WIDTH = re.compile(rf"%[-+ #0]*(\d*\.)?{_LONG_NUMBER}")
_FORMAT_WIDTH = re.compile(rf":[^{{}}]*{_LONG_NUMBER}")


@lru_cache(maxsize=64)
def unstoppable(template: str) -> str:
    """What a template does that no time limit could stop, with its line; empty if there is no such thing.

    Args:
        template: the template's text. What is no template is not judged: running it gives a better reason.

    Example:
        >>> unstoppable("{{ 9 ** 9 ** 9 }}")
        'computes a power, line 1'
        >>> unstoppable("{{ '-' * 20 }}")
        ''
    """
    try:
        tree = Environment(extensions=["jinja2.ext.loopcontrols", _GenerationTag]).parse(template)
        for node in tree.find_all(nodes.Expr):
            for kind, fault in _FAULTS.items():
                if isinstance(node, kind) and (said := fault(node)):
                    return f"{said}, line {node.lineno}"
    except (TemplateError, ValueError, RecursionError):
        return ""
    return ""


class _GenerationTag(Extension):
    """Reads ``{% generation %}``, which transformers adds to jinja, like a block without a meaning."""

    tags = {"generation"}  # noqa: RUF012  # jinja's own declaration

    @override
    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _of_power(node: nodes.Expr) -> str:
    return "computes a power"


def _of_product(node: nodes.Expr) -> str:
    """Products of two results square numbers again and again, and repeat texts without bound."""
    assert isinstance(node, nodes.Mul)
    factors = [_literal(side) for side in (node.left, node.right)]
    small = [abs(each) <= _LARGEST_FACTOR for each in factors if isinstance(each, int | float)]
    is_known = bool(small) or any(isinstance(each, str) for each in factors)
    return "" if is_known and all(small) else "multiplies what has no bound"


def _of_number(node: nodes.Expr) -> str:
    assert isinstance(node, nodes.Const)
    is_large = isinstance(node.value, int) and node.value > _LARGEST_NUMBER
    return "has a number of millions" if is_large else ""


def _of_remainder(node: nodes.Expr) -> str:
    assert isinstance(node, nodes.Mod)
    return _wide(_literal(node.left), _PRINTF_WIDTH)


def _of_filter(node: nodes.Expr) -> str:
    assert isinstance(node, nodes.Filter)
    given = None if node.node is None else _literal(node.node)
    if node.name == "format":
        return _wide(given, _PRINTF_WIDTH)
    is_large = node.name == "int" and isinstance(given, str) and re.search(_LONG_NUMBER, given)
    return "has a number of millions" if is_large else ""


def _of_attribute(node: nodes.Expr) -> str:
    assert isinstance(node, nodes.Getattr)
    return _wide(_literal(node.node), _FORMAT_WIDTH) if node.attr in ("format", "format_map") else ""


_FAULTS: dict[type[nodes.Expr], Callable[[nodes.Expr], str]] = {
    nodes.Pow: _of_power,
    nodes.Mul: _of_product,
    nodes.Const: _of_number,
    nodes.Mod: _of_remainder,
    nodes.Filter: _of_filter,
    nodes.Getattr: _of_attribute,
}


def _literal(node: nodes.Expr) -> object:
    """The value of a number or text that stands in the template; None for everything else."""
    if isinstance(node, nodes.UnaryExpr):
        node = node.node
    return node.value if isinstance(node, nodes.Const) else None


def _wide(text: object, width: re.Pattern[str]) -> str:
    return (
        "writes something millions of characters wide" if isinstance(text, str) and width.search(text) else ""
    )
