"""JSON in the very bytes of Ruby's `json` gem: another program may look a job up by its text.

Python's compact JSON differs in floats alone (spec ruby-resque §1.1): Ruby always writes a fraction, two
digits of exponent at least, and no exponent from 0.0001 up to 10^15, nor where there is a fraction.
"""

import json
from typing import Any


def ruby_json(value: Any) -> str:
    """The JSON text of plain values whose keys are strings.

    :raises ValueError: a number is infinite or none.
    :raises TypeError: a value is not JSON.
    """
    if isinstance(value, float):
        return ruby_float(value)
    if isinstance(value, dict):
        members = (f"{_ENCODER.encode(key)}:{ruby_json(member)}" for key, member in value.items())
        return f"{{{','.join(members)}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(ruby_json, value))}]"
    return _ENCODER.encode(value)


def ruby_float(value: float) -> str:
    """`1.0e-05`, `1.0e+15`, `0.5`: Ruby's `Float#to_s`.

    :raises ValueError: JSON has no such number.
    """
    shortest = _ENCODER.encode(value)
    size = abs(value)
    if value == 0 or (size >= 1e-4 and (size < 1e15 or not value.is_integer())):
        return shortest
    digits = shortest.partition("e")[0].lstrip("-").replace(".", "").rstrip("0")
    mantissa, _, exponent = f"{value:.{len(digits) - 1}e}".partition("e")
    return f"{mantissa if len(digits) > 1 else mantissa + '.0'}e{exponent}"


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
