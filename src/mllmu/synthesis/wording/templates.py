"""Fill in a template of a question or an answer."""

from __future__ import annotations

from mllmu.synthesis.wording.grammar import capitalised, with_article, with_the
from mllmu.synthesis.wording.references import Reference


def fill(template: str, reference: Reference, value: str = "") -> str:
    """Fill in a template.

    Args:
        template: may hold ``{person}``, ``{person's}``, ``{value}``, ``{a_value}`` (with a or an),
            ``{the_value}`` (with "the" where an institution takes it), and each with a capital.
        reference: what the person is called.
        value: the attribute's value, verbatim in the result wherever the template has a value.

    Returns:
        The sentence; a blank ``__`` stays one.
    """
    words = {
        "person": reference.person,
        "person's": reference.possessive,
        "value": value,
        "a_value": with_article(value),
        "the_value": with_the(value),
    }
    return template.format_map(words | {capitalised(key): capitalised(word) for key, word in words.items()})
