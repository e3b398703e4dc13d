"""Errors of a cell as IPython shows them: the cell's own lines, the libraries' one line each, nothing of the kernel."""

import linecache
import os
import traceback

from toolrt_kernel import _lines

_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_RULE = "-" * 75
_AROUND = 2
_MOST_FRAMES = 40
_CAUSE = "\nThe above exception was the direct cause of the following exception:\n"
_CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n"
_WIDTH = 75


def describe(error: BaseException, cells: dict) -> dict:
    """An ``error`` event; ``cells`` gives the number of a cell by its file name."""
    _lines.give(linecache)
    return {"type": "error", "name": type(error).__name__, "value": _text(error), "traceback": "\n".join(_whole(error, cells, set()))}


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # the exception's own __str__ may raise anything
        return "<exception str() failed>"


def _whole(error, cells, seen) -> list:
    seen.add(id(error))
    lines = []
    before, between = error.__cause__, _CAUSE
    if before is None and not error.__suppress_context__:
        before, between = error.__context__, _CONTEXT
    if before is not None and id(before) not in seen:
        lines += [*_whole(before, cells, seen), between]
    if isinstance(error, SyntaxError) and error.filename in cells:
        return lines + _syntax(error, cells)
    name = type(error).__name__
    title = "Traceback (most recent call last)"
    lines += [_RULE, name + title.rjust(max(len(title) + 1, _WIDTH - len(name)))]
    for frame in _frames(error):
        lines += [*_frame(*frame, cells), ""]
    lines.append(f"{name}: {_text(error)}" if _text(error) else name)
    lines += getattr(error, "__notes__", [])
    for number, part in enumerate(getattr(error, "exceptions", ()), 1):
        if isinstance(part, BaseException) and id(part) not in seen:
            lines += [f"  +-- {number} --", *("  | " + line for text in _whole(part, cells, seen) for line in text.split("\n"))]
    return lines


def _syntax(error, cells) -> list:
    lines = [f"  Cell In[{cells[error.filename]}], line {error.lineno}"]
    if error.text:
        stripped = error.text.rstrip("\n").lstrip()
        lines.append("    " + stripped)
        at = (error.offset or 1) - 1 - (len(error.text.rstrip("\n")) - len(stripped))
        lines.append("    " + " " * max(0, at) + "^")
    return [*lines, f"{type(error).__name__}: {error.msg}"]


def _frames(error) -> list:
    found = [(frame, line) for frame, line in traceback.walk_tb(error.__traceback__)
             if not frame.f_code.co_filename.startswith(_OWN) and "<frozen importlib" not in frame.f_code.co_filename]
    if len(found) > _MOST_FRAMES:
        return found[: _MOST_FRAMES // 2] + found[-_MOST_FRAMES // 2:]
    return found


def _frame(frame, line, cells) -> list:
    code = frame.f_code
    inside = "" if code.co_name == "<module>" else f", in {code.co_name}"
    cell = cells.get(code.co_filename)
    if cell is None:
        text = linecache.getline(code.co_filename, line, frame.f_globals).strip()
        return [f"File {code.co_filename}:{line}{inside}", *([f"    {text}"] if text else [])]
    source = linecache.getlines(code.co_filename)
    return [f"Cell In[{cell}], line {line}{inside}", *_context(source, line)]


def _context(source, line) -> list:
    shown = []
    last = min(line + _AROUND, len(source))
    while last > line and not source[last - 1].strip():
        last -= 1
    for number in range(max(1, line - _AROUND), last + 1):
        # The arrow gives way to a longer number.
        arrow = "-" * max(1, 5 - len(str(number))) + "> " if number == line else ""
        shown.append((arrow + str(number)).rjust(7) + " " + source[number - 1].rstrip())
    return shown
