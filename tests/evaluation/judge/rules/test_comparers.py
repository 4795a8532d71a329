"""Protects: each kind of value is compared by what it means, whatever it is written like."""

import pytest

from mllmu.evaluation.judge.rules.kinds.absence import compare_absence, is_absent
from mllmu.evaluation.judge.rules.kinds.amounts import amounts_in, compare_amounts, currency_of
from mllmu.evaluation.judge.rules.kinds.dates import CalendarDate, compare_dates, dates_in
from mllmu.evaluation.judge.rules.kinds.genders import compare_genders
from mllmu.evaluation.judge.rules.kinds.heights import compare_heights, heights_in
from mllmu.evaluation.judge.rules.kinds.people_names import compare_names
from mllmu.evaluation.judge.rules.kinds.pets import compare_pets
from mllmu.evaluation.judge.rules.kinds.phrases import compare_phrases, compare_sets
from mllmu.evaluation.judge.rules.kinds.place_names import compare_places
from mllmu.evaluation.judge.rules.kinds.school_names import compare_schools

CASES = [
    # dates: all of it, two digits of the year, a part that is right, one part wrong, another date
    (compare_dates, "March 2, 1990", "2 March 1990", 10),
    (compare_dates, "March 2, 1990", "on the second day of March 1990", 7),
    (compare_dates, "March 2, 1990", "02/03/1990", 10),
    (compare_dates, "March 2, 1990", "2.3.90", 9),
    (compare_dates, "March 2, 1990", "in March 1990", 7),
    (compare_dates, "March 2, 1990", "in 1990", 6),
    (compare_dates, "March 2, 1990", "March 2, 1991", 5),
    (compare_dates, "March 2, 1990", "the early nineties", 5),
    (compare_dates, "March 2, 1990", "the early eighties", 3),
    (compare_dates, "March 2, 1990", "April 5, 1988", 3),
    (compare_dates, "March 2, 1990", "a sunny morning", 2),
    # heights: 5 feet 11 inches are 180.3 cm
    (compare_heights, "180 cm", "1.80 m", 10),
    (compare_heights, "180 cm", "1 m 80", 10),
    (compare_heights, "180 cm", "5 feet 11 inches", 10),
    (compare_heights, "5 feet 11 inches", "180 cm", 10),
    (compare_heights, "180 cm", "180", 9),
    (compare_heights, "180 cm", "182 cm", 6),
    (compare_heights, "180 cm", "150 cm", 3),
    (compare_heights, "180 cm", "18 cm", 2),
    (compare_heights, "180 cm", "between 170 and 190 cm", 6),
    (compare_heights, "180 cm", "80 kg", 2),
    # money
    (compare_amounts, "$60,000", "60 thousand dollars", 10),
    (compare_amounts, "$60,000", "60.000 USD", 10),
    (compare_amounts, "$60,000", "sixty thousand dollars", 10),
    (compare_amounts, "$60,000", "$5,000 a month", 9),
    (compare_amounts, "$60,000", "60,000", 9),
    (compare_amounts, "$60,000", "£60,000", 6),
    (compare_amounts, "$60,000", "$61,000", 6),
    (compare_amounts, "$60,000", "$600,000", 3),
    (compare_amounts, "$60,000", "five figures", 5),
    (compare_amounts, "$60,000", "plenty", 2),
    # places
    (compare_places, "Riga, Latvia", "the Latvian capital Riga, Latvia", 10),
    (compare_places, "Riga, Latvia", "Riga", 9),
    (compare_places, "Riga, Latvia", "Latvia", 6),
    (compare_places, "Riga, Latvia", "Riga, Estonia", 6),
    (compare_places, "Riga, Latvia", "Liepaja, Latvia", 4),
    (compare_places, "Riga, Latvia", "Turku", 3),
    (compare_places, "Daegu, South Korea", "Daegu, Korea", 10),
    (compare_places, "Daegu, South Korea", "Daegu, South Korea", 10),
    # schools
    (compare_schools, "University of Tartu", "Tartu University", 10),
    (compare_schools, "University of Tartu", "Tartu College", 4),
    (compare_schools, "University of Tartu", "in Tartu", 7),
    (compare_schools, "University of Tartu", "at Uppsala University", 3),
    (compare_schools, "University of Tartu", "at a university", 5),
    # names
    (compare_names, "Anna Berzina", "Anna Bērziņa", 10),
    (compare_names, "Anna Berzina", "Berzina, Anna", 10),
    (compare_names, "Anna Berzina", "This is Anna Berzins.", 9),
    (compare_names, "Anna Berzina", "This is Anna.", 7),
    (compare_names, "Anna Berzina", "This is Anna Kask.", 5),
    (compare_names, "Anna Berzina", "This is Liis Kask.", 3),
    # gender
    (compare_genders, "male", "a gentleman", 10),
    (compare_genders, "male", "a girl", 2),
    (compare_genders, "male", "either a man or a woman", 3),
    # words
    (compare_phrases, "night watchman", "a watchman at night", 10),
    (compare_phrases, "night watchman", "a watchman", 7),
    (compare_phrases, "night watchman", "a night porter", 4),
    (compare_phrases, "night watchman", "an usher", 3),
    (compare_phrases, "beekeeper", "a bee keeper", 10),
    (compare_phrases, "taxi driver", "a cab driver", 10),
    (compare_sets, "rowing", "rowing and sailing", 7),
    (compare_sets, "high blood pressure", "hypertension", 10),
    # pets
    (compare_pets, "a gecko named Otis", "Otis, a gecko", 10),
    (compare_pets, "a gecko named Otis", "a gecko", 8),
    (compare_pets, "a gecko named Otis", "a gecko named Remy", 6),
    (compare_pets, "a gecko named Otis", "a ferret named Otis", 5),
    (compare_pets, "a gecko named Otis", "a ferret named Remy", 3),
]


@pytest.mark.parametrize(("compare", "value", "said", "score"), CASES)
def test_a_value_is_compared_by_its_meaning(compare, value, said, score):
    assert compare(value, said, "").score == score


@pytest.mark.parametrize(
    ("said", "score"), [("None.", 10), ("He is healthy.", 10), ("He is not healthy.", 3), ("Asthma.", 3)]
)
def test_that_there_is_nothing_is_a_value(said, score):
    assert compare_absence(said).score == score


def test_absence_is_read_from_the_sentence_where_no_value_is_stated():
    assert is_absent("no pet", "", "pet") and is_absent("", "She has no pets.", "pet")
    assert not is_absent("a cat", "", "pet") and not is_absent("", "She has no pets.", "hobby")


def test_a_date_of_digits_is_read_in_both_orders():
    assert set(dates_in("4/5/1990")) == {CalendarDate(1990, 4, 5), CalendarDate(1990, 5, 4)}
    assert dates_in("1990-04-05") == [CalendarDate(1990, 4, 5)]


def test_may_is_a_month_only_in_a_date():
    assert dates_in("She may be born on April 3, 1990.") == [CalendarDate(1990, 4, 3)]


def test_heights_are_read_in_centimetres():
    """6 feet are 6 x 30.48 = 182.88 cm, and half an inch is 1.27 cm."""
    assert heights_in("6 ft 0.5 in")[0][0] == pytest.approx(184.15)
    assert heights_in("1,75 m") == [(175.0, False)]


def test_amounts_are_read_by_the_year():
    """52 weeks of 1,000; 30 is an age."""
    assert [one.a_year for one in amounts_in("aged 30, $1,000 a week")] == [52_000]
    assert currency_of("20 euros") == "euro" and currency_of("dollars or euros") == ""
