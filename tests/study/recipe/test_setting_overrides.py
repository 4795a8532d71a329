"""Protects: what is set on the command line hides no mistake of the recipe that it is set in."""

import pytest

from mllmu.errors import UserError
from mllmu.study import make_recipe


@pytest.mark.parametrize("settings", ["5", "beta", "[1]"])
def test_a_method_without_settings_where_some_are_expected_is_told_as_that(tmp_path, settings):
    """Whatever is set besides: a number has no settings, and a text none that it happens to contain."""
    file = tmp_path / "recipe.yaml"
    file.write_text(f"methods: [npo]\nby_modality: {{text: {{npo: {settings}}}}}\n")
    for assignments in ([], ["methods.npo.beta=0.4"]):
        with pytest.raises(UserError, match="npo") as told:
            make_recipe(None, file, assignments)
        assert "would change nothing" not in str(told.value)
