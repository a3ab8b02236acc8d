"""`ruby_json`: the bytes of Ruby's json gem. The expected texts were printed by Ruby 3.1 with json 2.6."""

import pytest

from resque_core.ruby_json import ruby_float, ruby_json


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (1e-4, "0.0001"),
        (1e-5, "1.0e-05"),
        (1.5e-7, "1.5e-07"),
        (5e-324, "5.0e-324"),
        (-2.5e-10, "-2.5e-10"),
        (999999999999999.9, "999999999999999.9"),
        (1e15, "1.0e+15"),
        (1626983080611305.8, "1626983080611305.8"),
        (9999999999999998.0, "9.999999999999998e+15"),
        (123456789012345680.0, "1.2345678901234568e+17"),
        (1e100, "1.0e+100"),
    ],
)
def test_a_float_is_written_as_ruby_writes_it(value: float, text: str) -> None:
    assert ruby_float(value) == text
    assert float(text) == value


def test_all_else_is_compact_raw_utf8_in_the_order_given() -> None:
    value = {"b": [1, True, None, 10**30], "a": ("é😀\u2028/<\x7f", 'q"\\\n\x01'), "f": {"": -1e20}}
    assert ruby_json(value) == (
        '{"b":[1,true,null,1000000000000000000000000000000],'
        '"a":["é😀\u2028/<\x7f","q\\"\\\\\\n\\u0001"],"f":{"":-1.0e+20}}'
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        ruby_json([value])
