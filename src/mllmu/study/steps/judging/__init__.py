"""A judge's scores for answers that were given before."""
