"""English articles and capitals, for filling in templates."""

from __future__ import annotations

import re

from mllmu.benchmark.language.articles import article_for

_DETERMINED = re.compile(r"(?:a|an|the|some|no)\s", re.IGNORECASE)

# "the University of Helsinki", yet "Delft University of Technology": a place name makes it a proper name.
_GENERIC_INSTITUTION = re.compile(
    r"(?:(?:National|Technical|Royal|Federal|Catholic|Free|Autonomous|State|Polytechnic|American|Chinese|Complutense)\s)*"
    r"(?:University|Universities|Institute|School|Academy|College|Conservatory|Polytechnic)\s(?:of|for)\s"
)


def with_article(noun: str) -> str:
    """Put ``a`` or ``an`` before a bare noun phrase; one that has a determiner stays as it is."""
    return noun if _DETERMINED.match(noun) else f"{article_for(noun)} {noun}"


def with_the(institution: str) -> str:
    """Put ``the`` before an institution that English names with it (the University of Oslo)."""
    return f"the {institution}" if _GENERIC_INSTITUTION.match(institution) else institution


def capitalised(text: str) -> str:
    """Make the first letter a capital and leave the rest as it is."""
    return text[:1].upper() + text[1:]
