"""Docstrings: the text before the first section, and the descriptions of parameters in Google, NumPy or Sphinx style."""

import inspect
import re

_PARAMETER_SECTIONS = {"args", "arguments", "parameters", "params", "keyword args", "keyword arguments",
                       "other parameters", "attributes"}
_SECTIONS = _PARAMETER_SECTIONS | {
    "returns", "return", "yields", "yield", "raises", "raise", "except", "exceptions", "warns", "receives",
    "example", "examples", "note", "notes", "warning", "warnings", "see also", "references", "todo"}
_GOOGLE_ENTRY = re.compile(r"^\*{0,2}(?P<name>\w+)\s*(?:\((?P<type>.*?)\))?\s*:\s*(?P<text>.*)$")
_NUMPY_ENTRY = re.compile(r"^\*{0,2}(?P<names>\w+(?:\s*,\s*\w+)*)\s*(?::.*)?$")
_SPHINX_FIELD = re.compile(r"^:(?P<kind>\w+)(?:\s+(?P<rest>[^:]*))?:\s*(?P<text>.*)$")
_RULE = re.compile(r"^\s*[-=~]{3,}\s*$")


def parse(docstring):
    """(description, {parameter: description}) of a docstring or None."""
    if not docstring:
        return "", {}
    lines = inspect.cleandoc(docstring).splitlines()
    description, parameters = [], {}
    at = 0
    while at < len(lines):
        section, body_at = _section(lines, at)
        field = _SPHINX_FIELD.match(lines[at])
        if section is None and field is None:
            description.append(lines[at])
            at += 1
            continue
        if field is not None:
            at = _sphinx(lines, at, field, parameters)
            continue
        at = _body(lines, at, body_at, section, parameters)
        if at >= len(lines):
            break
    return "\n".join(description).strip(), parameters


def _section(lines, at):
    """(name, first line of the body) where a section begins here, else (None, at)."""
    line = lines[at]
    name = line.strip().rstrip(":").lower()
    if name not in _SECTIONS or line[:1].isspace():
        return None, at
    if at + 1 < len(lines) and _RULE.match(lines[at + 1]):
        return name, at + 2
    return (name, at + 1) if line.rstrip().endswith(":") else (None, at)


def _body(lines, at, body_at, section, parameters):
    end = body_at
    numpy = body_at == at + 2
    while end < len(lines) and _belongs(lines, end, numpy):
        end += 1
    if section in _PARAMETER_SECTIONS:
        read = _numpy if numpy else _google
        read(lines[body_at:end], parameters)
    return end


def _belongs(lines, at, numpy) -> bool:
    if numpy:
        return _section(lines, at)[0] is None
    return not lines[at].strip() or lines[at][:1].isspace()


def _google(lines, parameters) -> None:
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    outer = min(indents, default=0)
    name = None
    for line in lines:
        entry = _GOOGLE_ENTRY.match(line.strip()) if len(line) - len(line.lstrip()) == outer else None
        if entry:
            name = entry["name"]
            parameters[name] = entry["text"].strip()
        elif name is not None:
            parameters[name] = f"{parameters[name]} {line.strip()}".strip()


def _numpy(lines, parameters) -> None:
    names = []
    for line in lines:
        entry = None if line[:1].isspace() else _NUMPY_ENTRY.match(line.strip())
        if entry:
            names = [name.strip() for name in entry["names"].split(",")]
            parameters.update(dict.fromkeys(names, ""))
        else:
            for name in names:
                parameters[name] = f"{parameters[name]} {line.strip()}".strip()


def _sphinx(lines, at, field, parameters):
    text = [field["text"].strip()]
    at += 1
    while at < len(lines) and lines[at].strip() and not _SPHINX_FIELD.match(lines[at]) \
            and _section(lines, at)[0] is None:
        text.append(lines[at].strip())
        at += 1
    while at < len(lines) and not lines[at].strip():
        at += 1
    if field["kind"] in ("param", "parameter", "arg", "argument", "key", "keyword") and field["rest"]:
        parameters[field["rest"].split()[-1].lstrip("*")] = " ".join(text).strip()
    return at
