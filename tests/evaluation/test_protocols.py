import pytest

from mllmu.errors import UserError
from mllmu.evaluation import get_protocol, protocol_names


def test_protocols_are_found_by_name():
    assert [get_protocol(name).name for name in protocol_names()] == list(protocol_names())
    with pytest.raises(UserError, match="unknown protocol 'strickt': did you mean 'strict'"):
        get_protocol("strickt")
