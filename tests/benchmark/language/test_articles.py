"""Protects the article before words that are not spelled as they are said."""

import pytest

from mllmu.benchmark.language.articles import article_for

WITH_A = "nurse urologist Ukrainian ukulele university user European NASA UFO one-off 180 1,100 110th L'Oréal"
WITH_AN = "engineer heiress honest hour umbrella urban uninvited X-ray A-level FBI F1 8-foot 18th 80th 11,000"


@pytest.mark.parametrize(("nouns", "article"), [(WITH_A, "a"), (WITH_AN, "an")])
def test_the_article_is_the_one_that_is_said(nouns: str, article: str) -> None:
    assert {noun: article_for(noun) for noun in nouns.split()} == dict.fromkeys(nouns.split(), article)
