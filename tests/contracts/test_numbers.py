import re
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from sovereign_registry.contracts import numbers

PATTERN = get_args(numbers.DecimalText)[1].pattern


@given(st.floats(-1, 1))
def test_a_quantised_value_is_decimal_text(value: float) -> None:
    """Small values and zeros are written out: no exponent, no negative zero."""
    text = numbers.quantise(value)
    assert re.match(PATTERN, text)
    assert abs(float(text) - value) <= 0.5e-9 + 1e-16
    assert re.match(PATTERN, numbers.margin(text, "0.15"))
    assert re.match(PATTERN, numbers.show(text))
    assert not re.fullmatch(r"-0\.0*", numbers.show(text))


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_share_is_decimal_text(part: int, whole: int) -> None:
    """A share of nothing is zero, written out."""
    assert re.match(PATTERN, numbers.share(part, whole))
    assert numbers.share(0, whole) == "0.000000000"
