"""The tools of a module, read from its functions. Loaded only when a LOAD asks for inspection."""

import collections.abc
import inspect
import os
import re
import typing

from toolruntime import _faults
from toolruntime._content import Content
from toolruntime._docstrings import parse
from toolruntime._hints import is_none, strip
from toolruntime._loading import LoadError
from toolruntime._plan import context_parameter, unwrap
from toolruntime._schema import MISSING, Schemas, Unsupported, member

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}\Z")
_ITERATORS = (collections.abc.Iterator, collections.abc.Generator, collections.abc.Iterable,
              collections.abc.AsyncIterator, collections.abc.AsyncGenerator, collections.abc.AsyncIterable)
_GENERATORS = (collections.abc.Generator,)
_AWAITABLES = (collections.abc.Awaitable, collections.abc.Coroutine)
_FIXES = {
    inspect.Parameter.VAR_POSITIONAL: ("*{}", "name its parameters, or take one list"),
    inspect.Parameter.VAR_KEYWORD: ("**{}", "name its parameters, or take one dict"),
    inspect.Parameter.POSITIONAL_ONLY: ("the positional-only {}", "remove the '/': arguments come by name"),
}


def inspect_module(module, entry: str):
    """(tool definitions, warnings); raises LoadError."""
    found = _functions(module)
    if not found:
        raise LoadError(f"{entry}: no function to make a tool of: define a top-level function whose name does not "
                        "begin with '_', or mark one with @tool")
    warnings = []
    tools = [_Reader(entry, name, function, warnings).definition() for name, function in found]
    _refuse_same_names(tools, found, entry)
    return tools, warnings


def _functions(module):
    """(attribute, function) in the order of definition: the marked ones, or else the public ones."""
    everything = [(name, value) for name, value in vars(module).items() if _is_function(value)]
    marked = [(name, value) for name, value in everything if hasattr(value, "__tool__")]
    if marked:
        return marked
    public = getattr(module, "__all__", None)
    if public is not None:
        return [(name, value) for name, value in everything if name in public]
    return [(name, value) for name, value in everything
            if not name.startswith("_") and unwrap(value).__module__ == module.__name__]


def _is_function(value) -> bool:
    if isinstance(value, type) or not callable(value):
        return False
    try:
        unwrap(value)
    except TypeError:
        return False
    return True


def _refuse_same_names(tools, found, entry) -> None:
    lines = {}
    for tool, (_, function) in zip(tools, found):
        line = unwrap(function).__code__.co_firstlineno
        other = lines.setdefault(tool["name"], line)
        if other != line:
            raise LoadError(f"{entry}:{line}: a tool named '{tool['name']}' is already defined in line {other}: "
                            "give one of them another name", line=line)


class _Reader:
    """Reads one function."""

    def __init__(self, entry: str, attribute: str, function, warnings: list):
        self._attribute = attribute
        self._function = unwrap(function)
        self._said = getattr(function, "__tool__", {})
        self._warnings = warnings
        self._line = self._function.__code__.co_firstlineno
        self._where = f"{os.path.basename(entry)}:{self._line}"

    def definition(self) -> dict:
        """The ToolDefinition as JSON."""
        text, descriptions = parse(self._function.__doc__)
        hints = self._hints()
        name = self._said.get("name") or self._attribute
        if not _NAME.match(name):
            raise self._error(f"'{name}' cannot be a tool's name", "use 1 to 128 of A-Z a-z 0-9 _ - .")
        output, streams = self._output(hints.get("return", MISSING))
        found = {
            "name": name,
            "title": self._said.get("title"),
            "description": self._said.get("description") or text,
            "inputSchema": self._said.get("inputSchema") or self._input(hints, descriptions),
            "outputSchema": output,
            "annotations": self._said.get("annotations"),
            "meta": self._said.get("meta"),
            "entry": self._attribute,
            "streams": streams,
        }
        return {key: value for key, value in found.items() if value is not None}

    def _hints(self) -> dict:
        try:
            return typing.get_type_hints(self._function, include_extras=True)
        except Exception as error:  # annotations are user code: resolving them may raise anything
            raise self._error(f"an annotation of '{self._attribute}' cannot be resolved ({_faults.describe(error)})",
                              "import the name that it uses, outside of TYPE_CHECKING") from None

    def _input(self, hints, descriptions) -> dict:
        parameters = inspect.signature(self._function, follow_wrapped=False).parameters
        context = context_parameter(tuple(parameters), self._function.__annotations__)
        schemas = Schemas("input")
        properties, required = {}, []
        for name, parameter in parameters.items():
            if name == context:
                continue
            properties[name] = self._parameter(parameter, hints, descriptions.get(name), schemas)
            if parameter.default is inspect.Parameter.empty:
                required.append(name)
        schema = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        schema["additionalProperties"] = False
        return schemas.close(schema)

    def _parameter(self, parameter, hints, description, schemas) -> dict:
        name = parameter.name
        if parameter.kind in _FIXES:
            shown, fix = _FIXES[parameter.kind]
            raise self._error(f"'{self._attribute}' takes {shown.format(name)}, which has no JSON Schema", fix)
        if name not in hints:
            self._warnings.append(f"{self._where}: parameter '{name}' of '{self._attribute}' has no type: "
                                  f"any JSON value is accepted. Write for example '{name}: str'")
        default = MISSING if parameter.default is inspect.Parameter.empty else parameter.default
        return member(self._schema(schemas, hints.get(name, typing.Any), f"parameter '{name}'"), description, default)

    def _output(self, annotation):
        """(schema or None, whether it streams)."""
        code = self._function.__code__
        generates = bool(code.co_flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR))
        if annotation is MISSING:
            return None, generates
        bare, _ = strip(annotation)
        origin = typing.get_origin(bare) or bare
        arguments = typing.get_args(bare)
        if origin in _AWAITABLES and arguments:
            return self._output(arguments[-1])
        streams = generates or origin in _ITERATORS
        if streams and origin in _ITERATORS:
            return self._pieces(origin, arguments), True
        if is_none(bare) or bare in (typing.Any, object, typing.NoReturn) or _is_content(bare):
            return None, streams
        return self._result(annotation), streams

    def _pieces(self, origin, arguments):
        if origin in _GENERATORS and len(arguments) == 3 and not is_none(arguments[2]):
            return self._result(arguments[2])
        item = arguments[0] if arguments else typing.Any
        return None if _is_content(item) else self._result(list[item])

    def _result(self, annotation) -> dict:
        schemas = Schemas("output")
        return schemas.close(self._schema(schemas, annotation, "the result"))

    def _schema(self, schemas, annotation, what) -> dict:
        try:
            return schemas.of(annotation)
        except Unsupported as error:
            raise self._error(f"{what} of '{self._attribute}': {error}",
                              "use types such as int, str, list, dict, Literal, a dataclass or a TypedDict") from None

    def _error(self, message: str, fix: str) -> LoadError:
        return LoadError(f"{self._where}: {message}. To mend it: {fix}", line=self._line)


def _is_content(annotation) -> bool:
    bare, _ = strip(annotation)
    if isinstance(bare, type):
        return issubclass(bare, Content)
    return any(_is_content(argument) for argument in typing.get_args(bare) if argument is not Ellipsis)
