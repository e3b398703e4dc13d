"""JSON values to what an annotation says: dataclasses, enums, dates... `converter` gives None where JSON already is it."""

import base64
import dataclasses
import datetime
import decimal
import enum
import pathlib
import types
import typing
import uuid

from toolruntime import _hints
from toolruntime._plan import ArgumentError, to_float, to_int

_PLAIN = (str, bool, dict, list, type(None), None, object, typing.Any)


def resolve(function) -> dict:
    """The annotations of a function with forward references resolved."""
    return typing.get_type_hints(function, include_extras=True)


def converter(annotation):
    """A function (value, path) -> value for an annotation, or None."""
    return _of(annotation, {})


def _of(annotation, known):
    annotation, _ = _hints.strip(annotation)
    if any(annotation is plain for plain in _PLAIN):
        return None
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    origin = typing.get_origin(annotation)
    if origin is not None:
        return _of_generic(origin, typing.get_args(annotation), known)
    if isinstance(annotation, type):
        return _of_class(annotation, known)
    return None


def _of_generic(origin, arguments, known):
    if origin in (typing.Union, types.UnionType):
        return _union([(member, _of(member, known)) for member in arguments])
    if origin is typing.Literal:
        return _literal(arguments)
    if origin is tuple:
        return _tuple(arguments, known)
    kind = _hints.collection(origin)
    if kind is dict:
        key, item = (arguments + (typing.Any, typing.Any))[:2]
        return _mapping(_key(key), _of(item, known))
    if kind is not None:
        return _sequence(kind, _of(arguments[0], known) if arguments else None)
    return _of_class(origin, known)


def _of_class(kind, known):
    if kind in known:
        return lambda value, path: known[kind](value, path)
    if issubclass(kind, enum.Enum):
        return _by_call(lambda value: kind(value), f"one of {[member.value for member in kind]}")
    if hasattr(kind, "model_validate"):
        return _by_call(kind.model_validate, f"a {kind.__name__}")
    if dataclasses.is_dataclass(kind) or _hints.is_typed_dict(kind) or _hints.is_named_tuple(kind):
        known[kind] = None
        known[kind] = _record(kind, known)
        return known[kind]
    found = _hints.collection(kind)
    return _sequence(found, None) if found in (set, frozenset, tuple) else None


def _record(kind, known):
    fields = {name: _of(annotation, known) for name, annotation in _hints.fields(kind).items()}
    required = _hints.required_fields(kind)
    build = dict if _hints.is_typed_dict(kind) else kind

    def convert(value, path):
        if type(value) is list and _hints.is_named_tuple(kind):
            value = dict(zip(fields, value))
        if type(value) is not dict:
            raise ArgumentError(f"arguments.{path}: expected an object ({kind.__name__})")
        for name in required:
            if name not in value:
                raise ArgumentError(f"arguments.{path}.{name}: required, but not given")
        for name in value:
            if name not in fields:
                raise ArgumentError(f"arguments.{path}.{name}: {kind.__name__} has no such member")
        return build(**{name: fields[name](item, f"{path}.{name}") if fields[name] else item
                        for name, item in value.items()})

    return convert


def _union(members):
    if all(convert is None for _, convert in members):
        return None

    def convert(value, path):
        if value is None and any(_hints.is_none(member) for member, _ in members):
            return None
        problems = []
        for member, change in members:
            if change is None and not _hints.accepts(member, value):
                continue
            try:
                return change(value, path) if change else value
            except ArgumentError as error:
                problems.append(str(error))
        raise ArgumentError(problems[0] if problems else f"arguments.{path}: fits no alternative of its type")

    return convert


def _literal(values):
    def convert(value, path):
        for allowed in values:
            plain = allowed.value if isinstance(allowed, enum.Enum) else allowed
            if type(plain) is type(value) and plain == value:
                return allowed
        raise ArgumentError(f"arguments.{path}: {value!r} is none of {list(values)}")

    return convert


def _tuple(arguments, known):
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return _sequence(tuple, _of(arguments[0], known))
    items = [_of(item, known) for item in arguments]

    def convert(value, path):
        if type(value) is not list or len(value) != len(items):
            raise ArgumentError(f"arguments.{path}: expected an array of {len(items)} items")
        return tuple(change(item, f"{path}[{index}]") if change else item
                     for index, (change, item) in enumerate(zip(items, value)))

    return convert


def _sequence(build, change):
    if build is list and change is None:
        return None

    def convert(value, path):
        if type(value) is not list:
            raise ArgumentError(f"arguments.{path}: expected an array")
        if change is None:
            return build(value)
        return build(change(item, f"{path}[{index}]") for index, item in enumerate(value))

    return convert


def _mapping(change_key, change):
    if change is None and change_key is None:
        return None

    def convert(value, path):
        if type(value) is not dict:
            raise ArgumentError(f"arguments.{path}: expected an object")
        return {(change_key(key, path) if change_key else key): (change(item, f"{path}.{key}") if change else item)
                for key, item in value.items()}

    return convert


def _key(annotation):
    annotation, _ = _hints.strip(annotation)
    if annotation is int:
        return _by_call(int, "an integer key")
    if annotation is float:
        return _by_call(float, "a number key")
    return _of(annotation, {})


def _by_call(build, expected):
    def convert(value, path):
        try:
            return build(value)
        except (ValueError, TypeError, KeyError, ArithmeticError) as error:
            raise ArgumentError(f"arguments.{path}: {value!r} is not {expected} ({error})") from None

    return convert


def _decimal(value):
    return decimal.Decimal(value if isinstance(value, str) else repr(value))


_SCALARS = {
    int: to_int,
    float: to_float,
    bytes: _by_call(lambda value: base64.b64decode(value, validate=True), "base64"),
    datetime.datetime: _by_call(datetime.datetime.fromisoformat, "a date-time"),
    datetime.date: _by_call(datetime.date.fromisoformat, "a date"),
    datetime.time: _by_call(datetime.time.fromisoformat, "a time"),
    datetime.timedelta: _by_call(lambda value: datetime.timedelta(seconds=value), "a number of seconds"),
    uuid.UUID: _by_call(uuid.UUID, "a UUID"),
    decimal.Decimal: _by_call(_decimal, "a decimal number"),
    pathlib.Path: _by_call(pathlib.Path, "a path"),
    pathlib.PurePath: _by_call(pathlib.PurePath, "a path"),
}
