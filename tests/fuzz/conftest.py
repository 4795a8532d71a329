"""How many examples the fuzz tests try: few and always the same ones, or many where it is asked for.

`MLLMU_FUZZ_PROFILE=deep` draws new examples, `MLLMU_FUZZ_EXAMPLES` of each test (10,000 where it is not set).
What failed is remembered in `.hypothesis` and tried first the next time.
"""

import os

from hypothesis import HealthCheck, settings

# Examples that load a benchmark take some milliseconds, and more on a busy machine: that is no fault.
_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]

settings.register_profile(
    "ci", max_examples=40, derandomize=True, deadline=None, suppress_health_check=_SLOW, database=None
)
settings.register_profile(
    "deep",
    max_examples=int(os.environ.get("MLLMU_FUZZ_EXAMPLES", "10000")),
    deadline=None,
    suppress_health_check=_SLOW,
    print_blob=True,
)
settings.load_profile(os.environ.get("MLLMU_FUZZ_PROFILE", "ci"))
