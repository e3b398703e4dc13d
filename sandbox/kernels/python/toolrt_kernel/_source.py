"""From the text of a cell to code: indentation, shell lines, magics, the last expression."""

import _ast

_TOP_LEVEL_AWAIT = 0x2000
_ONLY_AST = 0x400
_IS_COROUTINE = 0x80
_FUTURE_FLAGS = 0x1FE0000
_QUOTES = ("'''", '"""', "'", '"')
_AUTOMAGIC = frozenset(("pip", "ls", "pwd", "cd", "cat", "mkdir", "rmdir", "rm", "cp", "mv", "who", "whos", "history"))
# After such a sign a name is one of Python's.
_NOT_AUTOMAGIC = ("=", ",", ":", ".", "(", "[")
_OPENING, _CLOSING = "([{", ")]}"


class Cell:
    """What a cell runs: statements, then the last expression, either of which may be missing."""

    def __init__(self, body, last, is_shown: bool, flags: int):
        self.body = body
        self.last = last
        self.is_shown = is_shown
        self.flags = flags

    def names(self) -> set:
        """Global names that it may use."""
        found = set()
        codes = [code for code in (self.body, self.last) if code is not None]
        while codes:
            code = codes.pop()
            found.update(code.co_names)
            codes.extend(constant for constant in code.co_consts if hasattr(constant, "co_names"))
        return found


def is_coroutine(code) -> bool:
    """Whether running the code gives something to await."""
    return bool(code.co_flags & _IS_COROUTINE)


def dedent(source: str) -> str:
    """Without the indentation that the first line of code has."""
    lines = source.split("\n")
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    if not indent:
        return source
    return "\n".join(line[len(indent):] if line.startswith(indent) else line for line in lines)


def without_prompts(source: str) -> str:
    """Without the ``>>>`` or ``In [1]:`` that a cell was copied with."""
    first = source.lstrip()
    if not first.startswith((">>> ", "In [")):
        return source
    import re

    prompt = re.compile(r"[ \t]*(>>>|\.\.\.)( |$)" if first.startswith(">>>") else r"[ \t]*(In \[\d+\]:|\.\.\.+:)( |$)")
    if prompt.match(first) is None:
        return source
    return "\n".join(prompt.sub("", line, count=1) if prompt.match(line) else line for line in source.split("\n"))


def automagic(source: str, namespace: dict) -> str:
    """A line that begins with a magic's name as if it had its sign, where that name is nothing else."""
    word, _, rest = source.strip().partition(" ")
    if word not in _AUTOMAGIC or word in namespace or "\n" in rest or rest.lstrip()[:1] in _NOT_AUTOMAGIC:
        return source
    return f"%{word} {rest}"


def compile_cell(source: str, filename: str, flags: int) -> Cell:
    """Compiles; raises SyntaxError. ``flags`` are the future statements of earlier cells."""
    flags |= _TOP_LEVEL_AWAIT
    cell_magic = _cell_magic(source)
    if cell_magic is not None:
        source = cell_magic
    try:
        tree = compile(source, filename, "exec", _ONLY_AST | flags, True)
    except SyntaxError:
        changed = _transform(source)
        if changed is None:
            raise
        tree = compile(changed, filename, "exec", _ONLY_AST | flags, True)
    last = None
    if tree.body and isinstance(tree.body[-1], _ast.Expr):
        last = compile(_ast.Expression(tree.body.pop().value), filename, "eval", flags, True)
    body = compile(tree, filename, "exec", flags, True) if tree.body else None
    kept = (body.co_flags if body else 0) & _FUTURE_FLAGS
    return Cell(body, last, not _without_comment(source).endswith(";"), kept)


def _without_comment(source: str) -> str:
    for line in reversed(source.split("\n")):
        code = line[:_Lexer(line).comment_at()].rstrip()
        if code:
            return code
    return ""


def _cell_magic(source: str):
    lines = source.split("\n")
    start = next((index for index, line in enumerate(lines) if line.strip()), 0)
    if not lines[start].startswith("%%"):
        return None
    name, _, rest = lines[start][2:].strip().partition(" ")
    body = "\n".join(lines[start + 1:])
    return "\n" * start + f"get_ipython().run_cell_magic({name!r}, {rest.strip()!r}, {body!r})"


def _transform(source: str):
    """The source with its shell lines and magics as calls, each on its old line; None where it has none."""
    lines = source.split("\n")
    lexer = _Lexer("")
    changed = False
    index = 0
    while index < len(lines):
        line = lines[index]
        # A line of its own may go on over the next ones, as in a shell.
        end = index
        if lexer.is_between_statements:
            while lines[end].endswith("\\") and end + 1 < len(lines) and _is_special(line):
                end += 1
            whole = "\n".join(lines[index:end + 1])
            call = _call_of(whole)
            if call is not None:
                lines[index:end + 1] = [call] + [""] * (end - index)
                changed = True
                index = end + 1
                continue
        lexer.feed(line + "\n")
        index += 1
    return "\n".join(lines) if changed else None


def _is_special(line: str) -> bool:
    return line.lstrip()[:1] in ("!", "%") or _assigned(line) is not None


def _call_of(line: str):
    code = line.lstrip()
    indent = line[: len(line) - len(code)]
    if code.startswith("!!"):
        return f"{indent}get_ipython().getoutput({code[2:]!r})"
    if code.startswith("!"):
        return f"{indent}get_ipython().system({code[1:]!r})"
    if code.startswith("%"):
        return f"{indent}{_magic(code)}"
    if code.startswith("?") or (code.rstrip().endswith("?") and code.rstrip(" ?").replace(".", "").isidentifier()):
        return f"{indent}get_ipython().pinfo({code.strip(' ?')!r})"
    assigned = _assigned(line)
    if assigned is None:
        return None
    target, value = assigned
    call = f"get_ipython().getoutput({value[1:]!r})" if value[0] == "!" else _magic(value)
    return f"{target}= {call}"


def _magic(code: str) -> str:
    name, _, rest = code.lstrip("%").partition(" ")
    return f"get_ipython().run_line_magic({name.strip()!r}, {rest.strip()!r})"


def _assigned(line: str):
    """``(target, value)`` of ``x = !command`` or ``x = %magic``."""
    target, equals, value = line.partition("=")
    value = value.lstrip()
    if not equals or value[:1] not in ("!", "%") or value.startswith("!="):
        return None
    return (target, value) if all(part.strip().isidentifier() for part in target.split(",")) else None


class _Lexer:
    """Knows where strings, brackets and comments are; no more of the language."""

    def __init__(self, text: str):
        self._quote = None
        self._depth = 0
        self._joined = False
        self._text = text

    @property
    def is_between_statements(self) -> bool:
        """Whether a line that begins here is a statement of its own."""
        return self._quote is None and self._depth == 0 and not self._joined

    def comment_at(self) -> int:
        """Where the text's comment begins; its length without one."""
        return self._scan(self._text)

    def feed(self, line: str) -> None:
        """Goes over one line with its end."""
        self._joined = False
        self._scan(line)

    def _scan(self, text: str) -> int:
        at = 0
        while at < len(text):
            if self._quote is not None:
                at = self._in_string(text, at)
                continue
            character = text[at]
            if character == "#":
                return at
            if character == "\\" and text[at + 1:at + 2] == "\n":
                self._joined = True
            elif character in _OPENING:
                self._depth += 1
            elif character in _CLOSING:
                self._depth = max(0, self._depth - 1)
            elif character in "'\"":
                self._quote = next(quote for quote in _QUOTES if text.startswith(quote, at))
                at += len(self._quote) - 1
            at += 1
        return len(text)

    def _in_string(self, text: str, at: int) -> int:
        if text[at] == "\\":
            return at + 2
        if text.startswith(self._quote, at):
            at += len(self._quote)
            self._quote = None
            return at
        if text[at] == "\n" and len(self._quote) == 1:
            self._quote = None
        return at + 1
