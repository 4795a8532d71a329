"""Protects: thoughts are no part of an answer, whatever marks they stand between."""

import pytest

from mllmu.models.prompts.thoughts import THOUGHTS, without_thoughts


@pytest.mark.parametrize(("beginning", "end"), THOUGHTS)
def test_thoughts_are_left_out(beginning, end):
    """Closed, begun in the prompt, and never ended."""
    assert without_thoughts(f"{beginning}Oslo?\nNo.{end}Riga") == "Riga"
    assert without_thoughts(f"Oslo?\nNo.{end}Riga") == "Riga"
    assert without_thoughts(f"Riga{beginning}or Oslo?") == "Riga"
    assert without_thoughts(f"Ri{beginning}Oslo?{end}ga{beginning}No.{end}") == "Riga"


def test_other_text_stays():
    assert without_thoughts("She thinks [of] <Riga>.") == "She thinks [of] <Riga>."
