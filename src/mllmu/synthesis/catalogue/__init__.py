"""The lists that invented lives are put together from."""

from mllmu.synthesis.catalogue.catalogue_records import (
    Catalogue,
    Country,
    Heritage,
    Profession,
    load_catalogue,
)

__all__ = ["Catalogue", "Country", "Heritage", "Profession", "load_catalogue"]
