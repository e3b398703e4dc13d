"""Values as text, as IPython prints them: wrapped at 79 columns, long collections cut, types and functions by their names."""

import types
from _collections import deque

_WIDTH = 79
_MOST_ITEMS = 1000
_PLAIN = frozenset((int, float, complex, bool, str, bytes, type(None)))


def text_of(value, find=None) -> str:
    """The text of a value; ``find`` gives the function that was set for a value's type, or None."""
    if find is None and type(value) in _PLAIN:
        return repr(value)
    printer = Printer(find=find)
    printer.pretty(value)
    return printer.getvalue()


class Printer:
    """Oppen's printer: a group that does not fit into its line has each of its parts on a line of its own."""

    def __init__(self, width: int = _WIDTH, find=None):
        self.indentation = 0
        self._find = find
        self._width = width
        self._written = []
        self._column = 0
        # What may still be broken: texts, and breaks that are (text, indentation, group).
        self._waiting = deque()
        self._waiting_width = 0
        self._open = [_Group(0)]
        self._stack = []

    def getvalue(self) -> str:
        """What was printed."""
        self.flush()
        return "".join(self._written)

    def text(self, text: str) -> None:
        """Adds text that is never broken."""
        if not self._waiting:
            self._written.append(text)
            self._column += len(text)
            return
        self._waiting.append(text)
        self._waiting_width += len(text)
        self._fit()

    def breakable(self, separator: str = " ") -> None:
        """Adds a separator that a line's end may take the place of."""
        group = self._open[-1]
        if group.is_broken:
            self.flush()
            self._end_line(self.indentation)
            return
        group.breaks += 1
        self._waiting.append((separator, self.indentation, group))
        self._waiting_width += len(separator)
        self._fit()

    def break_(self) -> None:
        """Ends the line."""
        if not self._break_outermost():
            for group in self._open:
                group.is_broken = True
        self.flush()
        self._end_line(self.indentation)

    def begin_group(self, indent: int = 0, open: str = "") -> None:
        """Begins what is broken together."""
        if open:
            self.text(open)
        self._open.append(_Group(len(self._open)))
        self.indentation += indent

    def end_group(self, dedent: int = 0, close: str = "") -> None:
        """Ends the group that was begun last."""
        self.indentation -= dedent
        self._open.pop()
        if close:
            self.text(close)

    def group(self, indent: int = 0, open: str = "", close: str = ""):
        """The same for a ``with`` statement."""
        return _Within(self, indent, open, close)

    def flush(self) -> None:
        """Writes what waits, unbroken."""
        for part in self._waiting:
            if isinstance(part, str):
                self._write(part)
            else:
                part[2].breaks -= 1
                self._write(part[0])
        self._waiting.clear()
        self._waiting_width = 0

    def pretty(self, value) -> None:
        """Adds a value."""
        own = self._find(value) if self._find is not None else None
        if own is None and type(value) in _PLAIN:
            self.text(repr(value))
            return
        is_cycle = any(each is value for each in self._stack)
        self._stack.append(value)
        self.begin_group()
        try:
            (own or _function_for(value))(value, self, is_cycle)
        finally:
            self.end_group()
            self._stack.pop()

    def items(self, values, put) -> None:
        """Adds the first of many values, divided by commas."""
        for number, value in enumerate(values):
            if number > 0:
                self.text(",")
                self.breakable()
            if number == _MOST_ITEMS:
                self.text("...")
                return
            put(value)

    def _fit(self) -> None:
        while self._column + self._waiting_width > self._width and self._break_outermost():
            pass

    def _break_outermost(self) -> bool:
        """Breaks the outermost group that has breaks, and with it all that it lies in; whether there was one."""
        group = min((part[2] for part in reversed(self._waiting) if not isinstance(part, str)), key=_depth, default=None)
        if group is None:
            return False
        for around in self._open[:group.depth]:
            around.is_broken = True
        self._break(group)
        return True

    def _break(self, group) -> None:
        group.is_broken = True
        while group.breaks > 0:
            self._put(self._take())
        while self._waiting and isinstance(self._waiting[0], str):
            self._write(self._take())

    def _take(self):
        part = self._waiting.popleft()
        self._waiting_width -= len(part if isinstance(part, str) else part[0])
        return part

    def _put(self, part) -> None:
        if isinstance(part, str):
            self._write(part)
            return
        separator, indentation, group = part
        group.breaks -= 1
        if group.is_broken:
            self._end_line(indentation)
        else:
            self._write(separator)

    def _write(self, text: str) -> None:
        self._written.append(text)
        self._column += len(text)

    def _end_line(self, indentation: int) -> None:
        self._written.append("\n" + " " * indentation)
        self._column = indentation


class _Group:
    """What is broken together."""

    __slots__ = ("depth", "breaks", "is_broken")

    def __init__(self, depth: int):
        self.depth = depth
        self.breaks = 0
        self.is_broken = False


class _Within:
    def __init__(self, printer: Printer, indent: int, open: str, close: str):
        self._printer, self._indent, self._open, self._close = printer, indent, open, close

    def __enter__(self) -> None:
        self._printer.begin_group(self._indent, self._open)

    def __exit__(self, *_) -> None:
        self._printer.end_group(self._indent, self._close)


def _depth(group: _Group) -> int:
    return group.depth


def _function_for(value):
    for kind in type(value).__mro__:
        function = _FUNCTIONS.get(kind) or _NAMED.get(f"{kind.__module__}.{kind.__qualname__}")
        if function is not None:
            return function
        if callable(kind.__dict__.get("_repr_pretty_")):
            return kind._repr_pretty_
        if kind is not object and callable(kind.__dict__.get("__repr__")):
            return _repr
    return _default


def _repr(value, printer, _is_cycle) -> None:
    with printer.group():
        for number, line in enumerate(repr(value).split("\n")):
            if number > 0:
                printer.break_()
            printer.text(line)


def _default(value, printer, _is_cycle) -> None:
    printer.text("<")
    printer.pretty(type(value))
    printer.text(f" at {id(value):#x}>")


def _sequence(opening: str, closing: str):
    def put(value, printer, is_cycle) -> None:
        if is_cycle:
            printer.text(f"{opening}...{closing}")
            return
        with printer.group(len(opening), opening, closing):
            printer.items(value, printer.pretty)
            if len(value) == 1 and opening == "(":
                printer.text(",")

    return put


def _set(opening: str, closing: str):
    put = _sequence(opening, closing)

    def put_sorted(value, printer, is_cycle) -> None:
        if not value:
            printer.text(f"{type(value).__name__}()")
        elif is_cycle or len(value) > _MOST_ITEMS:
            put(value, printer, is_cycle)
        else:
            put(_sorted(value), printer, False)

    return put_sorted


def _sorted(values) -> list:
    try:
        return sorted(values)
    except Exception:  # values that do not compare
        return list(values)


def _dict(value, printer, is_cycle) -> None:
    def put(key) -> None:
        printer.pretty(key)
        printer.text(": ")
        printer.pretty(value[key])

    if is_cycle:
        printer.text("{...}")
        return
    with printer.group(1, "{", "}"):
        printer.items(value, put)


def _call(arguments_of):
    """Prints a value as the call that would make it."""
    def put(value, printer, is_cycle) -> None:
        name = _name(type(value)).removeprefix("collections.")
        with printer.group(len(name) + 1, name + "(", ")"):
            if is_cycle:
                printer.text("...")
            else:
                printer.items(arguments_of(value), printer.pretty)

    return put


def _type(value, printer, is_cycle) -> None:
    if type(value).__repr__ is type.__repr__:
        printer.text(_name(value))
    else:
        _repr(value, printer, is_cycle)


def _name(value) -> str:
    name, module = getattr(value, "__qualname__", None) or value.__name__, getattr(value, "__module__", None)
    return name if not isinstance(module, str) or module == "builtins" else f"{module}.{name}"


def _function(value, printer, _is_cycle) -> None:
    import inspect

    try:
        signature = str(inspect.signature(value))
    except (TypeError, ValueError):  # code in C that does not tell
        signature = ""
    printer.text(f"<function {_name(value)}{signature}>")


_FUNCTIONS = {
    list: _sequence("[", "]"), tuple: _sequence("(", ")"), set: _set("{", "}"), frozenset: _set("frozenset({", "})"), dict: _dict,
    type: _type, types.FunctionType: _function, types.BuiltinFunctionType: _function, BaseException: _call(lambda value: value.args),
}
_NAMED = {
    "collections.Counter": _call(lambda value: [dict(value)] if value else []),
    "collections.OrderedDict": _call(lambda value: [dict(value)] if value else []),
    "collections.defaultdict": _call(lambda value: [value.default_factory, dict(value)]),
    "collections.deque": _call(lambda value: [list(value)]),
}
