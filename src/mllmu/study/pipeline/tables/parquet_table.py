"""Writing a data frame as Parquet; the same rows give the same bytes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mllmu.files import atomic_file


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame without its index; the same rows give the same bytes.

    Raises:
        UserError: if the file cannot be written.
    """
    # pandas' own metadata names its version, which has nothing to do with the numbers.
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    with atomic_file(path) as unfinished:
        pq.write_table(table, unfinished, compression="zstd")
