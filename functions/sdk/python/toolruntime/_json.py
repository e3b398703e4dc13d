"""JSON in and out: strict on the way in, and knowing the values that functions return on the way out."""

import binascii
import enum
import json

from toolruntime._content import Content


class NotJson(Exception):
    """A value that JSON cannot say; the message says which and what to do."""


def _refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


decode = json.JSONDecoder(parse_constant=_refuse_constant).decode


def encode(value) -> bytes:
    """UTF-8 of ``value`` as JSON; raises NotJson."""
    try:
        return _encoder.encode(value).encode("utf-8", "replace")
    except ValueError as error:
        raise NotJson(_explain(error)) from None
    except TypeError:
        return _encode_with_plain_keys(value)
    except RecursionError:
        raise NotJson("the value is nested too deep for JSON") from None


def _encode_with_plain_keys(value) -> bytes:
    try:
        return _encoder.encode(_plain_keys(value)).encode("utf-8", "replace")
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
    if isinstance(value, enum.Enum):
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

_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_convert)
