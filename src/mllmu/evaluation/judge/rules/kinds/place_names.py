"""Places: a city and its country."""

from __future__ import annotations

import re

from mllmu.evaluation.judge.rules.same_meaning import in_one_wording
from mllmu.evaluation.judge.rules.texts import content, rest, shared, words
from mllmu.evaluation.judge.rules.word_lists import COUNTRIES, REGIONS
from mllmu.evaluation.judge.verdicts import JudgeVerdict

_COUNTRY = re.compile(rf"\b(?:{'|'.join(sorted(COUNTRIES, key=len, reverse=True))})\b")


def compare_places(value: str, said: str, question: str) -> JudgeVerdict:
    """See `rule_judge.Comparer`; the city and the country count each."""
    city_text, _, country_text = in_one_wording(value).rpartition(",")
    if not city_text:
        city_text, country_text = country_text, ""
    country = country_text.strip()
    text = in_one_wording(said)
    named = set(_COUNTRY.findall(text)) | ({country} if country and country in text else set())
    city, given = content(city_text), content(text)
    has_city = len(shared(city, given)) == len(city)
    has_country = country in named
    if has_city:
        return _with_city(has_country, bool(named - {country}), bool(country))
    countries = [word for name in named for word in words(name)]
    others = [word for word in rest(given, countries, content(question)) if word not in REGIONS]
    if has_country and len(named) == 1:
        if others:
            return JudgeVerdict(4, "another city of the right country")
        region = any(word in REGIONS for word in given)
        return JudgeVerdict(7 if region else 6, "the right country without the city")
    if others or named:
        return JudgeVerdict(4 if not named and _is_vague(given) else 3, "another place")
    return JudgeVerdict(4 if _is_vague(given) else 2, "tells no place")


def _with_city(has_country: bool, has_other: bool, is_stated: bool) -> JudgeVerdict:
    if has_country or not is_stated:
        return JudgeVerdict(
            10 if not has_other else 6, "the right place" + (" beside another" if has_other else "")
        )
    if has_other:
        return JudgeVerdict(6, "the right city, but another country")
    return JudgeVerdict(9, "the right city without the country")


def _is_vague(given: list[str]) -> bool:
    """Whether no more than a direction or a part of the world is told."""
    return any(word in REGIONS for word in given)
