"""Protects: `import mllmu` is quick, and offers what it says it offers."""

import subprocess
import sys

import pytest

import mllmu


def test_import_and_help_leave_torch_alone():
    script = (
        "import sys, mllmu, mllmu.cli; from typer.testing import CliRunner; "
        "assert CliRunner().invoke(mllmu.cli.app, ['--help']).exit_code == 0; "
        "assert not {'torch', 'transformers', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("name", mllmu.__all__)
def test_every_name_is_there(name):
    assert getattr(mllmu, name) is not None


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"mllmu.*nothing"):
        mllmu.nothing  # noqa: B018
