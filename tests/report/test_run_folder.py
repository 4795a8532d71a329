"""Protects: records of a model with any name lie in one file whose name every system takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mllmu.report.run_folder import records_name


@pytest.mark.parametrize("sign", ["m", "ž"])
def test_long_names_are_shortened_and_stay_apart(sign: str, tmp_path: Path) -> None:
    stems = [sign * 225 + f"-forget25-seed{seed}" for seed in (0, 1)]
    names = [records_name(stem) for stem in stems]
    assert len(set(names)) == 2
    for name in names:
        (tmp_path / f".tmp-0123456789ab-{name}").touch()
        # A report on several folders names files anew, with the protocol.
        assert records_name(Path(name).stem, "official") in {records_name(s, "official") for s in stems}


def test_usual_names_stay() -> None:
    assert records_name("npo-both-forget10-seed0", "strict") == "npo-both-forget10-seed0-strict.parquet"
    assert records_name("../a b") == ".._a_b.parquet"
