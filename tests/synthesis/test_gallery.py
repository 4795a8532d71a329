"""Protects: drawing in processes ends, with a sentence, whoever stops it and however often."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from functools import partial


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
                draw_portraits([Portrait(someone, ORIGINAL_POSE, 2500, 2500)])
            except UserError as error:
                print(error)
            """
        ),
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=300, check=True)
    assert "under 'if __name__ == \"__main__\":'" in done.stdout


def test_who_presses_ctrl_c_twice_is_not_left_waiting(tmp_path):
    """The whole group gets the signal, as from a terminal; processes that draw hung for ever."""
    # So many that drawing takes far longer than until it is stopped, on any machine.
    command = ["-m", "mllmu", "synthesize", "--profiles", "400", "--celebrities", "2", "--image-size", "1024"]
    running = subprocess.Popen(
        [sys.executable, *command, "--holdout", "2", "--out", tmp_path / "people"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Whoever runs tests behind "&" ignores Ctrl-C, and so would what they start.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.default_int_handler),
    )
    told = ""
    while " of " not in told:  # the first portraits are there
        told += (line := running.stderr.readline())
        assert line, f"it ended before it was stopped: {told}"
    for _ in range(2):
        os.killpg(running.pid, signal.SIGINT)
        time.sleep(0.3)
    try:
        _, rest = running.communicate(timeout=60)
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
    # The second may come when Python itself is ending, which then ends by the signal.
    assert running.returncode in (130, -signal.SIGINT)
    assert "Exception in thread" not in rest and "Fatal Python error" not in rest
    assert not (tmp_path / "people").exists()
