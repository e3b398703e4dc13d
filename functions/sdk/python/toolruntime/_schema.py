"""Annotations to JSON Schema 2020-12."""

import collections.abc
import dataclasses
import datetime
import decimal
import enum
import inspect
import pathlib
import types
import typing
import uuid

from toolruntime import _hints
from toolruntime._content import Content
from toolruntime._docstrings import parse
from toolruntime._json import NotJson, decode, encode

_SCALARS = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    bytes: {"type": "string", "contentEncoding": "base64"},
    bytearray: {"type": "string", "contentEncoding": "base64"},
    datetime.datetime: {"type": "string", "format": "date-time"},
    datetime.date: {"type": "string", "format": "date"},
    datetime.time: {"type": "string", "format": "time"},
    datetime.timedelta: {"type": "number", "description": "seconds"},
    uuid.UUID: {"type": "string", "format": "uuid"},
}
_NUMBERS = ((int, "integer"), (float, "number"), (str, "string"))
_CONSTRAINTS = {
    "ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf", "pattern": "pattern", "examples": "examples", "description": "description",
    "title": "title",
}
_LENGTHS = {"string": ("minLength", "maxLength"), "array": ("minItems", "maxItems"),
            "object": ("minProperties", "maxProperties")}


class Unsupported(Exception):
    """An annotation that has no schema; the message says which and what to write instead."""


class Schemas:
    """Schemas of one tool's side (``input`` or ``output``), with the definitions that they share."""

    def __init__(self, side: str):
        self._side = side
        self._names = {}
        self._definitions = {}

    def close(self, schema: dict) -> dict:
        """Adds the definitions that the schema refers to."""
        return {**schema, "$defs": self._definitions} if self._definitions else schema

    def of(self, annotation) -> dict:
        """The schema of an annotation; definitions are kept for `close`."""
        bare, metadata = _hints.strip(annotation)
        schema = self._bare(bare)
        for item in metadata:
            schema = _constrain(schema, item)
        return schema

    def _bare(self, annotation) -> dict:
        if annotation in (typing.Any, object, inspect.Parameter.empty):
            return {}
        if _hints.is_none(annotation):
            return {"type": "null"}
        if isinstance(annotation, collections.abc.Hashable) and annotation in _SCALARS:
            return dict(_SCALARS[annotation])
        origin = typing.get_origin(annotation)
        if origin is not None:
            return self._generic(origin, typing.get_args(annotation), annotation)
        if isinstance(annotation, type):
            return self._class(annotation)
        raise Unsupported(f"the type {_show(annotation)} has no JSON form")

    def _generic(self, origin, arguments, annotation) -> dict:
        if origin in (typing.Union, types.UnionType):
            return {"anyOf": _distinct(self.of(member) for member in arguments)}
        if origin is typing.Literal:
            return _enumeration([item.value if isinstance(item, enum.Enum) else item for item in arguments])
        kind = _hints.collection(origin)
        if kind is tuple:
            return self._tuple(arguments)
        if kind is dict:
            return self._mapping(arguments)
        if kind is not None:
            return self._array(kind, arguments[0] if arguments else typing.Any)
        if isinstance(origin, type) and _is_record(origin):
            return self._class(origin)
        raise Unsupported(f"the type {_show(annotation)} has no JSON form")

    def _class(self, kind) -> dict:
        if issubclass(kind, enum.Enum):
            return _enumeration([decode(encode(member.value).decode()) for member in kind])
        if issubclass(kind, decimal.Decimal):
            return self._decimal()
        if issubclass(kind, pathlib.PurePath):
            return {"type": "string", "format": "path"}
        if issubclass(kind, Content):
            raise Unsupported("content blocks belong into results")
        if hasattr(kind, "model_json_schema"):
            return self._model(kind)
        if _is_record(kind):
            return self._record(kind)
        collection = _hints.collection(kind)
        if collection is dict:
            return {"type": "object"}
        if collection is not None:
            return self._array(collection, typing.Any)
        for base, name in _NUMBERS:
            if issubclass(kind, base):
                return {"type": name}
        raise Unsupported(f"the type {_show(kind)} has no JSON form: make it a dataclass or TypedDict, or take a dict")

    def _array(self, kind, item) -> dict:
        schema = {"type": "array", "items": self.of(item)}
        if kind in (set, frozenset):
            schema["uniqueItems"] = True
        return schema

    def _tuple(self, arguments) -> dict:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return self._array(list, arguments[0])
        return _fixed([self.of(item) for item in arguments], len(arguments))

    def _mapping(self, arguments) -> dict:
        key, item = (arguments + (typing.Any, typing.Any))[:2]
        schema = {"type": "object"}
        names = self._key(key)
        if names:
            schema["propertyNames"] = names
        value = self.of(item)
        if value:
            schema["additionalProperties"] = value
        return schema

    def _key(self, annotation):
        bare, _ = _hints.strip(annotation)
        if bare in (str, typing.Any):
            return None
        if bare is int:
            return {"pattern": "^-?[0-9]+$"}
        if bare is float:
            return {"pattern": "^-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$"}
        schema = self.of(annotation)
        if schema.get("type") != "string":
            raise Unsupported(f"keys of type {_show(bare)} have no JSON form: JSON keys are strings")
        return schema

    def _decimal(self) -> dict:
        text = {"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$"}
        return text if self._side == "output" else {"anyOf": [{"type": "number"}, text]}

    def _record(self, kind) -> dict:
        name = self._names.get(kind)
        if name is None:
            name = self._name(kind)
            self._definitions[name] = {}
            self._definitions[name] = self._named_tuple(kind) if _hints.is_named_tuple(kind) else self.members(kind)
        return {"$ref": f"#/$defs/{name}"}

    def _name(self, kind) -> str:
        name = kind.__name__
        count = 2
        while name in self._definitions:
            name = f"{kind.__name__}{count}"
            count += 1
        self._names[kind] = name
        return name

    def members(self, kind) -> dict:
        """The object schema of a dataclass or TypedDict itself."""
        description, descriptions = parse(_own_doc(kind))
        metadata = {field.name: field.metadata for field in dataclasses.fields(kind)} \
            if dataclasses.is_dataclass(kind) else {}
        defaults = _hints.field_defaults(kind)
        properties = {}
        for name, annotation in self._visible(kind).items():
            text = metadata.get(name, {}).get("description") or descriptions.get(name)
            properties[name] = member(self.of(annotation), text, defaults.get(name, MISSING))
        schema = {"type": "object"}
        if description:
            schema["description"] = description
        schema["properties"] = properties
        required = list(properties) if self._side == "output" and not _hints.is_typed_dict(kind) \
            else _hints.required_fields(kind)
        if required:
            schema["required"] = required
        schema["additionalProperties"] = False
        return schema

    def _visible(self, kind) -> dict:
        if self._side == "input" or not dataclasses.is_dataclass(kind):
            return _hints.fields(kind)
        hints = typing.get_type_hints(kind, include_extras=True)
        return {field.name: hints[field.name] for field in dataclasses.fields(kind)}

    def _named_tuple(self, kind) -> dict:
        items = [member({**self.of(annotation), "title": name}, None, MISSING)
                 for name, annotation in _hints.fields(kind).items()]
        least = len(items) if self._side == "output" else len(_hints.required_fields(kind))
        return _fixed(items, least)

    def _model(self, kind) -> dict:
        mode = "validation" if self._side == "input" else "serialization"
        schema = kind.model_json_schema(mode=mode, ref_template="#/$defs/{model}")
        self._definitions.update(schema.pop("$defs", {}))
        self._definitions.setdefault(kind.__name__, schema)
        return {"$ref": f"#/$defs/{kind.__name__}"}


MISSING = object()


def member(schema: dict, description, default) -> dict:
    """A property: the schema with what is said of it here."""
    schema = dict(schema)
    if description:
        schema["description"] = description
    if default is not MISSING:
        try:
            schema["default"] = decode(encode(default).decode("utf-8"))
        except NotJson:
            pass
    return schema


def _constrain(schema: dict, item) -> dict:
    """Adds what an element of Annotated's metadata says: text, or an object with attributes such as ge or max_length."""
    if isinstance(item, str):
        return {**schema, "description": item}
    schema = dict(schema)
    for attribute, keyword in _CONSTRAINTS.items():
        value = getattr(item, attribute, None)
        if value is not None and not callable(value):
            schema[keyword] = value
    least, most = _LENGTHS.get(schema.get("type"), (None, None))
    for attribute, keyword in (("min_length", least), ("max_length", most)):
        value = getattr(item, attribute, None)
        if value is not None and keyword is not None:
            schema[keyword] = value
    for nested in getattr(item, "metadata", None) or ():
        schema = _constrain(schema, nested)
    return schema


def _enumeration(values) -> dict:
    schema = {"enum": values}
    kinds = {type(value) for value in values}
    if len(kinds) == 1:
        kind = kinds.pop()
        names = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
        if kind in names:
            schema = {"type": names[kind], "enum": values}
    return schema


def _fixed(items, least) -> dict:
    if not items:
        return {"type": "array", "maxItems": 0}
    return {"type": "array", "prefixItems": items, "minItems": least, "maxItems": len(items)}


def _distinct(schemas) -> list:
    found = []
    for schema in schemas:
        if schema not in found:
            found.append(schema)
    return found


def _is_record(kind) -> bool:
    return dataclasses.is_dataclass(kind) or _hints.is_typed_dict(kind) or _hints.is_named_tuple(kind)


def _own_doc(kind):
    """The class's docstring, unless the dataclass or enum machinery wrote it."""
    doc = kind.__dict__.get("__doc__")
    return None if doc is None or doc.startswith(f"{kind.__name__}(") else doc


def _show(annotation) -> str:
    return annotation.__qualname__ if isinstance(annotation, type) else str(annotation)
