"""Numbers read from what a sealed run left behind; every byte of it is a stranger's.  Pure.

JSON is read strictly: size, depth and length of every number are bounded, a duplicate key is
refused, and so is NaN, an infinity, or text where a number is due.  A number is taken as it was
written, never through a float.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sovereign_registry.contracts.repro import Metric

MAX_OUTPUT_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_NUMBER = 60
"""Characters of one number."""
MAX_VALUES = 20_000

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_WHOLE, _DECIMALS = 18, 40


class MalformedOutput(ValueError):
    """An output is not what its contract says; the message says what was found."""


def read_metrics(metrics: Sequence[Metric], outputs: Mapping[str, bytes]) -> tuple[str, ...]:
    """The metrics' values as decimal strings, in the order of the contract.

    Args:
        metrics: What to read, and where.
        outputs: File name -> bytes.

    Raises:
        MalformedOutput: a file is missing or no strict JSON, or a pointer leads to no number.
    """
    documents: dict[str, Any] = {}
    found = []
    for metric in metrics:
        if metric.file not in documents:
            data = outputs.get(metric.file)
            if data is None:
                raise MalformedOutput(f"the output {metric.file} is missing")
            documents[metric.file] = parse(data, metric.file)
        found.append(_number(documents[metric.file], metric))
    return tuple(found)


def parse(data: bytes, name: str) -> Any:  # noqa: ANN401 - JSON value
    """Parse one output; numbers come back as ``Decimal``.

    Raises:
        MalformedOutput: it is not strict JSON within the bounds.
    """
    if len(data) > MAX_OUTPUT_BYTES:
        raise MalformedOutput(
            f"{name} holds {len(data):,} bytes; the limit is {MAX_OUTPUT_BYTES:,}"
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedOutput(f"{name} is not UTF-8") from error
    _require_shallow(text, name)
    try:
        return json.loads(
            text,
            parse_float=_finite,
            parse_int=_finite,
            parse_constant=_constant,
            object_pairs_hook=_unique,
        )
    except MalformedOutput as error:
        raise MalformedOutput(f"{name}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise MalformedOutput(f"{name} is no JSON: {str(error)[:120]}") from error


def _require_shallow(text: str, name: str) -> None:
    """Count brackets outside of texts before any parser sees them."""
    depth = values = 0
    for character in _TEXT.sub("", text):
        if character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise MalformedOutput(f"{name} is nested deeper than {MAX_DEPTH} levels")
        elif character in "]}":
            depth -= 1
        elif character == ",":
            values += 1
    if values > MAX_VALUES:
        raise MalformedOutput(f"{name} holds more than {MAX_VALUES:,} values")


def _finite(text: str) -> Decimal:
    if len(text) > MAX_NUMBER:
        raise MalformedOutput(f"a number has {len(text):,} characters; the limit is {MAX_NUMBER}")
    return Decimal(text)


def _constant(name: str) -> NoReturn:
    raise MalformedOutput(f"{name} is no number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedOutput("a key stands twice in one object")
    return found


def _number(value: Any, metric: Metric) -> str:  # noqa: ANN401 - JSON value
    where = f"{metric.file} {metric.pointer}"
    for part in metric.pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            raise MalformedOutput(f"{where} leads nowhere")
    if not isinstance(value, Decimal):
        kind = "text" if isinstance(value, str) else type(value).__name__
        raise MalformedOutput(f"{where} holds a {kind} where a number is due")
    return written(value, where)


def written(value: Decimal, where: str) -> str:
    """A number written out, without an exponent and without trailing zeros.

    Raises:
        MalformedOutput: it is too large or too fine to be written so.
    """
    if value == 0:
        return "0"
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or not -3 * _DECIMALS < exponent < 3 * _WHOLE:
        raise MalformedOutput(f"{where} is out of range")
    whole = len(digits) + exponent
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    fine = len(text.partition(".")[2])
    if whole > _WHOLE or fine > _DECIMALS:
        raise MalformedOutput(f"{where} is out of range")
    return text
