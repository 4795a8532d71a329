"""Text from outside as Markdown shows it: nothing in it is read as Markdown or HTML."""

from __future__ import annotations

import html
import re

from mllmu.visible_text import visible

# GitHub and the hub make links of bare addresses; a comment in the middle shows nothing and ends that.
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)


def plain_markdown(text: object) -> str:
    r"""Take the meaning from everything Markdown or HTML would act on, and put it on one line.

    ``plain_markdown("a|<b>") == r"a\|&lt;b&gt;"``.
    """
    one_line = " ".join(html.escape(visible(str(text)), quote=False).split())
    escaped = re.sub(r"([\\`*_\[\]|#~$])", r"\\\1", one_line)
    return _ADDRESS.sub("<!-- -->", escaped)
