"""How one function is called: its parameters and what each argument becomes. Made at a function's first call."""

import types

from toolruntime._context import Context

_PLAIN = {"str": str, "bool": bool, "int": int, "float": float, "dict": dict, "list": list, "None": None}
# A function that typically takes longer is run beside the reading.
_QUICK_SECONDS = 0.0005
_MOST_SECONDS = 0.01
_WEIGHT = 0.125
_IDENTITY = (str, bool, dict, list, None, type(None))
# inspect's CO_ flags: the module itself is costly to import.
_TAKES_ANY = 0x08
_IS_ASYNC = 0x80 | 0x200


class ArgumentError(Exception):
    """The arguments do not fit; the message names the path."""


class Plan:
    """One callable of the module."""

    __slots__ = ("function", "names", "required", "converters", "context", "is_async", "_takes_any", "_typical")

    def __init__(self, function):
        target = unwrap(function)
        code = target.__code__
        count = code.co_argcount + code.co_kwonlyargcount
        names = code.co_varnames[:count]
        annotations = target.__annotations__
        self.function = function
        self.context = context_parameter(names, annotations)
        self.names = frozenset(name for name in names if name != self.context)
        self.required = _required(target, names, self.context)
        self.converters = _converters(target, self.names, annotations)
        self._takes_any = bool(code.co_flags & _TAKES_ANY)
        self._typical = 0.0
        self.is_async = bool(code.co_flags & _IS_ASYNC)

    def bind(self, arguments: dict, call) -> dict:
        """Keyword arguments for the function; raises ArgumentError."""
        if not self.required <= arguments.keys() or not arguments.keys() <= self.names:
            self._refuse(arguments)
        for name, convert in self.converters:
            if name in arguments:
                arguments[name] = convert(arguments[name], name)
        if self.context is not None:
            arguments[self.context] = call.context
        return arguments

    @property
    def is_quick(self) -> bool:
        """Whether its last calls took next to no time."""
        return self._typical < _QUICK_SECONDS

    def ran(self, seconds: float) -> None:
        """A call took this long; one that took long once, on a busy machine, is soon forgotten."""
        self._typical += (min(seconds, _MOST_SECONDS) - self._typical) * _WEIGHT

    def _refuse(self, arguments: dict):
        missing = sorted(self.required - arguments.keys())
        if missing:
            raise ArgumentError(f"arguments.{missing[0]}: required, but not given")
        if self._takes_any:
            return
        unknown = sorted(arguments.keys() - self.names)[0]
        raise ArgumentError(f"arguments.{unknown}: the tool has no such parameter")


def unwrap(function):
    """The function that a chain of functools.wraps decorators stands before."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    if not isinstance(function, types.FunctionType):
        raise TypeError(f"{function!r} is not a function")
    return function


def context_parameter(names, annotations):
    """The parameter that gets the Context: called ctx, or annotated with it."""
    for name in names:
        annotation = annotations.get(name)
        if annotation is Context or annotation in ("Context", "toolruntime.Context"):
            return name
    return "ctx" if "ctx" in names else None


def to_float(value, path):
    """A JSON number as float."""
    if type(value) is float:
        return value
    if type(value) is int:
        return float(value)
    raise ArgumentError(f"arguments.{path}: {value!r} is not a number")


def to_int(value, path):
    """A JSON number without a fraction as int: JSON Schema calls 1.0 an integer."""
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    raise ArgumentError(f"arguments.{path}: {value!r} is not an integer")


def _required(target, names, context) -> frozenset:
    code = target.__code__
    positional = names[: code.co_argcount]
    defaults = target.__defaults__ or ()
    optional = set(positional[len(positional) - len(defaults):]) | set(target.__kwdefaults__ or ())
    return frozenset(name for name in names if name not in optional and name != context)


def _converters(target, names, annotations):
    """(name, function) of the parameters whose JSON value is not already what the annotation says."""
    found = []
    resolved = None
    for name in names:
        annotation = annotations.get(name)
        if isinstance(annotation, str):
            annotation = _PLAIN.get(annotation, annotation)
        if annotation in (int, float):
            found.append((name, to_int if annotation is int else to_float))
        elif not any(annotation is plain for plain in _IDENTITY):
            from toolruntime._arguments import converter, resolve

            resolved = resolved or resolve(target)
            convert = converter(resolved.get(name))
            if convert is not None:
                found.append((name, convert))
    return found
