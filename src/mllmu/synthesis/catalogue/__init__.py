"""Lists of names, cities, professions and the like that invented people are drawn from."""

from mllmu.synthesis.catalogue.catalogue_records import (
    Catalogue,
    Country,
    Heritage,
    Profession,
    load_catalogue,
)

__all__ = ["Catalogue", "Country", "Heritage", "Profession", "load_catalogue"]
