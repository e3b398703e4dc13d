"""JSON that any reader takes: no NaN, no lone surrogates; values that JSON does not know become what comes nearest.

It stands on what the package json itself stands on: that package imports re and enum, 15 ms of a sandbox's start.
"""

import _json

_WHITESPACE = " \t\n\r"
_DEEPEST = 200
# Items and characters of what is sent as data beside its text.
_MOST_DATA = 1_000_000


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
    if depth > _DEEPEST:
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


def data(value):
    """A list or dict in JSON's terms; None where something in it is not data, or where it is large."""
    try:
        return _Data().of(value, 0)
    except Exception:  # a collection of the user's own may raise anything
        return None


class _Data:
    """Takes what another program can read back, and counts how much."""

    def __init__(self):
        self._left = _MOST_DATA

    def of(self, value, depth: int):
        self._left -= len(value) if isinstance(value, str) else 1
        if self._left < 0 or depth > _DEEPEST:
            raise TypeError("too large")
        if value is None or isinstance(value, (str, int, float)):
            return plain(value)
        if isinstance(value, dict):
            return {self._key(key): self.of(item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.of(item, depth + 1) for item in value]
        return self._of_library(value, depth)

    def _key(self, key) -> str:
        self._left -= len(key) if isinstance(key, str) else 1
        if isinstance(key, str):
            return str(key)
        if key is None or key is True or key is False:
            return {None: "null", True: "true", False: "false"}[key]
        if isinstance(key, (int, float)):
            return str(key)
        raise TypeError(type(key).__name__)

    def _of_library(self, value, depth: int):
        module = type(value).__module__.partition(".")[0]
        if module == "numpy" and (getattr(value, "size", 1) <= self._left) and callable(getattr(value, "tolist", None)):
            return self.of(value.tolist(), depth + 1)
        if module in ("datetime", "pandas"):
            if type(value).__name__ in ("NaTType", "NAType"):
                return None
            if callable(getattr(value, "isoformat", None)):
                return value.isoformat()
        raise TypeError(type(value).__name__)


def _refuse(value):
    raise TypeError(f"{type(value).__qualname__} has no JSON form")


_INFINITY = float("inf")
_encoder = _json.make_encoder(None, _refuse, quote, None, ":", ",", False, False, False)
