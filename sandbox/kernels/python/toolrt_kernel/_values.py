"""JSON that any reader takes: no NaN, no lone surrogates; values that JSON does not know become what comes nearest.

It stands on what the package json itself stands on: that package imports re and enum, 15 ms of a sandbox's start.
"""

import _json

_WHITESPACE = " \t\n\r"
DEEPEST = 200


class _Scanning:
    """What the scanner asks of its decoder."""

    strict = False
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


_scan = _json.make_scanner(_Scanning)
quote = _json.encode_basestring


def decode(payload: bytes):
    """The value of a JSON text."""
    text = str(payload, "utf-8")
    return _scan(text, len(text) - len(text.lstrip(_WHITESPACE)))[0]


def encode(value) -> bytes:
    """UTF-8 of plain values: dict with text keys, list, str, int, float, bool, None."""
    return "".join(_encoder(value, 0)).encode("utf-8", "replace")


def text_event(stream: str, text: str) -> bytes:
    """A stdout or stderr event: the one that must be fast."""
    return ('{"type":"' + stream + '","text":' + quote(text) + "}").encode("utf-8", "replace")


def plain(value, depth: int = 0):
    """``value`` in terms of what ``encode`` takes."""
    if value is None or value is True or value is False or type(value) in (str, int):
        return value
    if depth > DEEPEST:
        return str(value)
    if isinstance(value, float):
        # NaN is not equal to itself; JSON has neither it nor the infinities.
        return float(value) if value == value and value not in (_INFINITY, -_INFINITY) else None
    if isinstance(value, dict):
        return {key if type(key) is str else str(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    return _by_kind(value, depth)


def _by_kind(value, depth):
    missing = getattr(value, "__class__", type(value)).__name__
    if missing in ("NaTType", "NAType"):
        return None
    for method in ("isoformat", "tolist"):
        convert = getattr(value, method, None)
        if callable(convert):
            return plain(convert(), depth + 1)
    return str(value)


def _refuse(value):
    raise TypeError(f"{type(value).__qualname__} has no JSON form")


_INFINITY = float("inf")
_encoder = _json.make_encoder(None, _refuse, quote, None, ":", ",", False, False, False)
