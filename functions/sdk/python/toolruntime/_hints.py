"""What annotations are made of; used by the conversion of arguments and by the schemas."""

import collections
import collections.abc
import dataclasses
import types
import typing

_COLLECTIONS = {
    list: list, collections.abc.Sequence: list, collections.abc.MutableSequence: list,
    collections.abc.Iterable: list, collections.abc.Collection: list, collections.abc.Iterator: list,
    tuple: tuple,
    set: set, collections.abc.Set: set, collections.abc.MutableSet: set,
    frozenset: frozenset,
    dict: dict, collections.abc.Mapping: dict, collections.abc.MutableMapping: dict,
    collections.OrderedDict: dict, collections.defaultdict: dict,
}
_QUALIFIERS = (typing.Required, typing.NotRequired, typing.Final, typing.ClassVar)
_ALIAS = getattr(typing, "TypeAliasType", None)


def strip(annotation):
    """The type under Annotated, Required, NewType, type aliases and type variables, with the metadata met on the way."""
    metadata = []
    while True:
        if typing.get_origin(annotation) is typing.Annotated:
            metadata = [*annotation.__metadata__, *metadata]
            annotation = annotation.__origin__
        elif typing.get_origin(annotation) in _QUALIFIERS:
            annotation = typing.get_args(annotation)[0]
        elif isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        elif isinstance(annotation, typing.TypeVar):
            annotation = _variable(annotation)
        elif _ALIAS is not None and isinstance(annotation, _ALIAS):
            annotation = annotation.__value__
        elif isinstance(annotation, dataclasses.InitVar):
            annotation = annotation.type
        else:
            return annotation, metadata


def collection(origin):
    """list, tuple, set, frozenset or dict for a collection type, else None."""
    return _COLLECTIONS.get(origin)


def is_union(annotation) -> bool:
    """Whether it is Union, Optional or ``A | B``."""
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def is_none(annotation) -> bool:
    """Whether it is None."""
    return annotation is None or annotation is type(None)


def is_typed_dict(kind) -> bool:
    """Whether it is a TypedDict class."""
    return typing.is_typeddict(kind)


def is_named_tuple(kind) -> bool:
    """Whether it is a NamedTuple class."""
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


def fields(kind) -> dict:
    """Members of a dataclass, TypedDict or NamedTuple with their annotations, in order."""
    hints = typing.get_type_hints(kind, include_extras=True)
    if dataclasses.is_dataclass(kind):
        return {field.name: hints[field.name] for field in dataclasses.fields(kind) if field.init}
    if is_typed_dict(kind):
        return hints
    return {name: hints.get(name, typing.Any) for name in kind._fields}


def required_fields(kind) -> list:
    """Members that must be given, in order."""
    if dataclasses.is_dataclass(kind):
        return [field.name for field in dataclasses.fields(kind) if field.init
                and field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING]
    if is_typed_dict(kind):
        return [name for name, hint in fields(kind).items() if _is_required(hint, name in kind.__required_keys__)]
    return [name for name in kind._fields if name not in kind._field_defaults]


def field_defaults(kind) -> dict:
    """Defaults of members that have one."""
    if dataclasses.is_dataclass(kind):
        return {field.name: field.default for field in dataclasses.fields(kind)
                if field.init and field.default is not dataclasses.MISSING}
    return {} if is_typed_dict(kind) else dict(kind._field_defaults)


def accepts(annotation, value) -> bool:
    """Whether a JSON value can be what a type without conversion (str, bool, dict, list, None) says."""
    annotation, _ = strip(annotation)
    if annotation in (typing.Any, object):
        return True
    if is_none(annotation):
        return value is None
    origin = typing.get_origin(annotation) or annotation
    kind = collection(origin) or origin
    return type(value) is kind


def _is_required(hint, otherwise: bool) -> bool:
    """With postponed annotations the class itself knows only its ``total``; the resolved hint knows the rest."""
    while typing.get_origin(hint) is typing.Annotated:
        hint = hint.__origin__
    origin = typing.get_origin(hint)
    return origin is typing.Required or (otherwise and origin is not typing.NotRequired)


def _variable(variable):
    if variable.__bound__ is not None:
        return variable.__bound__
    if variable.__constraints__:
        return typing.Union[variable.__constraints__]
    return typing.Any
