"""Protects: methods can be told apart in figures, however many there are."""

from __future__ import annotations

from mllmu.report.figures.palette import method_looks
from mllmu.unlearning import METHODS


def test_no_two_methods_look_alike() -> None:
    names = METHODS.names()
    assert len(set(method_looks(names).values())) == len(names) > 30


def test_up_to_ten_differ_by_colour_alone() -> None:
    """By their places in the registry four of these had one colour, though no others were shown."""
    names = ["ga", "npo", "llmu", "guardrail", "mip_editor", "salun", "mine"]
    looks = method_looks(names)
    assert list(looks) == names
    assert len({look.colour for look in looks.values()}) == len(names)
    assert {(look.dash, look.suffix) for look in looks.values()} == {("solid", "")}


def test_a_method_keeps_its_colour_where_nobody_else_has_it() -> None:
    alone = method_looks(["npo"])["npo"]
    assert method_looks(["ga", "npo", "kl_min"])["npo"] == alone
