"""What an interpreter says, as events of docs/PROTOCOL.md section 3."""

import binascii

from toolrt_kernel import _values

_PICTURES = ("png", "jpeg", "pdf")
_VALUES = ("json", "data")


def event_of(fields: list) -> dict:
    """``error NAME VALUE TRACEBACK`` or ``result IS_MAIN (FORM CONTENT)...``."""
    kind = str(fields[0], "ascii")
    if kind == "error":
        return dict(zip(("type", "name", "value", "traceback"), map(_text, fields)))
    event = {"type": kind, "is_main_result": fields[1] == b"1"}
    for form, content in zip(fields[2::2], fields[3::2]):
        event[_text(form)] = _content(_text(form), content)
    return event


def _content(form: str, content: bytes):
    if form in _PICTURES:
        return str(binascii.b2a_base64(content, newline=False), "ascii")
    return _values.decode(content) if form in _VALUES else _text(content)


def _text(content: bytes) -> str:
    return str(content, "utf-8", "replace")
