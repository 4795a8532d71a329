"""Protects: a script that forgets to guard itself is told so, instead of ending in a broken pool."""

import subprocess
import sys
import textwrap


def test_an_unguarded_script_is_told_what_to_do(tmp_path):
    """Every process that draws reads the script again, draws again, and is stopped by Python."""
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            """
            import os
            import random

            os.cpu_count = lambda: 2
            from mllmu.errors import UserError
            from mllmu.synthesis.gallery import Portrait, draw_portraits
            from mllmu.synthesis.portraits import ANCESTRIES, ORIGINAL_POSE, sample_appearance

            someone = sample_appearance(random.Random(0), "female", 40, ANCESTRIES[0])
            try:
                list(draw_portraits([Portrait(someone, ORIGINAL_POSE, 2500, 2500)]))
            except UserError as error:
                print(error)
            """
        ),
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=300, check=True)
    assert "under 'if __name__ == \"__main__\":'" in done.stdout
