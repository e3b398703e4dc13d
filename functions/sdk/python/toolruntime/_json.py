"""JSON in and out: strict on the way in, and knowing the values that functions return on the way out.

It stands on what the package json itself stands on: that package imports re and enum, 15 ms of a sandbox's start.
"""

import _json
import binascii
import sys

from toolruntime._content import Content

_WHITESPACE = " \t\n\r"


class NotJson(Exception):
    """A value that JSON cannot say; the message says which and what to do."""


def _refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


class _Scanning:
    """What the scanner asks of its decoder."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = staticmethod(_refuse_constant)


_scan = _json.make_scanner(_Scanning)


def decode(text: str):
    """The value of a JSON text; raises ValueError, where the text is no JSON json.JSONDecodeError."""
    try:
        value, end = _scan(text, len(text) - len(text.lstrip(_WHITESPACE)))
    except StopIteration as error:
        raise _wrong("Expecting value", text, error.value) from None
    if end != len(text) and text[end:].strip(_WHITESPACE):
        raise _wrong("Extra data", text, end)
    return value


def _wrong(what: str, text: str, at: int) -> ValueError:
    from json import JSONDecodeError

    return JSONDecodeError(what, text, at)


def encode(value) -> bytes:
    """UTF-8 of ``value`` as JSON; raises NotJson."""
    try:
        return _text(value).encode("utf-8", "replace")
    except ValueError as error:
        raise NotJson(_explain(error)) from None
    except TypeError:
        return _encode_with_plain_keys(value)
    except RecursionError:
        raise NotJson("the value is nested too deep for JSON") from None


def _text(value) -> str:
    if isinstance(value, str):
        return _json.encode_basestring(value)
    return "".join(_json.make_encoder({}, _convert, _json.encode_basestring, None, ":", ",", False, False, False)(value, 0))


def _encode_with_plain_keys(value) -> bytes:
    try:
        return _text(_plain_keys(value)).encode("utf-8", "replace")
    except (TypeError, ValueError) as error:
        raise NotJson(_explain(error)) from None


def _explain(error: Exception) -> str:
    text = str(error)
    if "Out of range float" in text:
        return "the value holds NaN or Infinity, which JSON cannot say: return None or a string instead"
    if "Circular" in text:
        return "the value contains itself"
    return text


def _convert(value):
    """What json calls for a value that it does not know."""
    convert = _converters.get(type(value))
    if convert is not None:
        return convert(value)
    enum = sys.modules.get("enum")
    if enum is not None and isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Content):
        return value.block
    if hasattr(type(value), "__dataclass_fields__"):
        import dataclasses

        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    dump = getattr(value, "model_dump", None)
    if dump is not None:
        return dump(mode="json")
    return _convert_by_kind(value)


def _convert_by_kind(value):
    import collections.abc
    import datetime
    import decimal
    import os
    import uuid

    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, (decimal.Decimal, uuid.UUID)):
        return str(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, collections.abc.Mapping):
        return dict(value)
    if isinstance(value, (collections.abc.Set, collections.abc.Sequence, collections.abc.ValuesView)):
        return list(value)
    scalar = getattr(value, "tolist", None)
    if scalar is not None:
        return scalar()
    kind = type(value).__qualname__
    raise TypeError(f"a value of type {kind} has no JSON form: return a dict, list, str, number, bool, None, "
                    "a dataclass or a model instead")


def _set(value):
    try:
        return sorted(value)
    except TypeError:
        return list(value)


def _bytes(value):
    return binascii.b2a_base64(value, newline=False).decode("ascii")


def _plain_keys(value):
    if isinstance(value, dict):
        return {_key(key): _plain_keys(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_keys(item) for item in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    return _plain_keys(_convert(value))


def _key(key):
    if key is None or isinstance(key, (str, int, float)):
        return key
    converted = _convert(key)
    if isinstance(converted, (str, int, float)):
        return converted
    raise TypeError(f"a {type(key).__qualname__} cannot be a key of a JSON object")


_converters = {
    bytes: _bytes,
    bytearray: _bytes,
    memoryview: _bytes,
    set: _set,
    frozenset: _set,
}
