"""Protects: nothing in a text from outside is read as Markdown or HTML, and what is shown is the text."""

import html
import re

import pytest

from mllmu.markdown_text import plain_markdown


@pytest.mark.parametrize("text", ["http://b.example/x", "_www.b.example", "WWW.b.example", "a@b.example"])
def test_a_bare_address_is_no_link(text):
    """GitHub and the hub make links of these where they stand in one piece."""
    written = plain_markdown(text)
    assert not re.search(r"://|www\.|\w@", written, re.IGNORECASE)
    assert html.unescape(written.replace("<!-- -->", "").replace("\\", "")) == text


def test_signs_are_shown_and_do_nothing():
    assert plain_markdown("$x$ a|b") == r"\$x\$ a\|b"
    assert plain_markdown("<b>\n**x**") == r"&lt;b&gt; \*\*x\*\*"
