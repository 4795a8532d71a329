"""Protects: a template that would hold the whole process for hours is refused before it is run."""

import pytest

from mllmu.models.prompts.template_check import unstoppable


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{{ 9**9**9 }}", "computes a power, line 1"),
        ("{% set n = 9 %}\n{% if messages[9] %}\n{{ n ** n ** n }}{% endif %}", "computes a power, line 3"),
        ("{% generation %}{{ 9**9 }}{% endgeneration %}", "computes a power, line 1"),
        (
            "{% set n = namespace(x=9) %}{% for i in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}",
            "multiplies",
        ),
        ("{{ 'ab' * 99999999999 }}", "multiplies"),
        ("{{ messages[0] * -99999 }}", "multiplies"),
        ("{{ 'ab'.ljust(99999999999) }}", "has a number of millions"),
        ("{{ 'ab' | center(99999999999) }}", "has a number of millions"),
        ("{{ 5 | round(-999999999) }}", "has a number of millions"),
        ("{{ 'ab' * ('99999999999' | int) }}", "has a number of millions"),
        ("{{ '%99999999999d' % 1 }}", "writes something millions"),
        ("{{ '%.99999999999f' | format(1) }}", "writes something millions"),
        ("{{ '{:>99999999999}'.format(1) }}", "writes something millions"),
    ],
)
def test_steps_that_cannot_be_stopped_are_named(template, fault):
    assert unstoppable(template).startswith(fault)


@pytest.mark.parametrize(
    "template",
    [
        "{{ '-' * 20 }}{{ '  ' * depth }}{{ depth * 2 }}{{ 20 * '-' }}",
        "{% for m in messages %}{% if loop.index0 % 2 %}{{ m.content | indent(4) }}{% endif %}{% endfor %}",
        "{{ '%s: %05d' % ('a', 7) }}{{ '{:>8}'.format(1) }}{{ '7' | int }}{{ '<|1234567|>' }}",
        "{% for m in messages %}{% break %}{% endfor %}{% generation %}a{% endgeneration %}",
        "{% for message in %}",
        "{{ " + "(" * 5000 + ")" * 5000 + " }}",
        "{{ " + "9" * 5000 + " }}",
    ],
)
def test_what_templates_do_is_left_alone_and_what_is_none_is_not_judged(template):
    assert unstoppable(template) == ""
