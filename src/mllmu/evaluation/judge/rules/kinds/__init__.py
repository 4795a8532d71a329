"""Rules for kinds of values: dates, money, places, ..."""
