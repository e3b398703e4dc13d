"""What a call's failure looks like in an ERROR or LOAD_FAILED frame."""

import os

from toolruntime._json import encode

_MESSAGE_LIMIT = 4 * 1024
_DETAIL_LIMIT = 16 * 1024
_OWN_FOLDER = os.path.dirname(os.path.abspath(__file__))
_IMPORT_SYSTEM = "<frozen importlib"


def fault(code: str, message: str, detail: str | None = None) -> bytes:
    """The payload of an ERROR frame."""
    body = {"code": code, "message": message[:_MESSAGE_LIMIT]}
    if detail:
        body["detail"] = detail[-_DETAIL_LIMIT:]
    return encode(body)


def thrown(error: BaseException) -> bytes:
    """The ERROR of an exception that the user's code raised."""
    return fault("FunctionThrew", describe(error), trace(error))


def describe(error: BaseException) -> str:
    """``TypeName: text``; the text alone must not fail."""
    try:
        text = str(error)
    except Exception:  # the exception's own __str__ may raise anything
        text = "(its text cannot be read)"
    name = type(error).__name__
    return f"{name}: {text}" if text else name


def trace(error: BaseException) -> str:
    """The traceback without the frames of the worker and of the import system."""
    import traceback

    summary = traceback.TracebackException.from_exception(error, limit=-64)
    _trim(summary)
    return "".join(summary.format()).rstrip()


def line_in(error: BaseException, folder: str):
    """The last line of the user's own files in the traceback as (file, line), or None."""
    if isinstance(error, SyntaxError) and error.filename:
        return error.filename, error.lineno
    found = None
    at = error.__traceback__
    while at is not None:
        name = at.tb_frame.f_code.co_filename
        if name.startswith(folder + os.sep):
            found = (name, at.tb_lineno)
        at = at.tb_next
    return found


def _trim(summary) -> None:
    seen = set()
    while summary is not None and id(summary) not in seen:
        seen.add(id(summary))
        kept = [frame for frame in summary.stack
                if not frame.filename.startswith((_OWN_FOLDER, _IMPORT_SYSTEM))]
        summary.stack[:] = kept
        if summary.__context__ is not None:
            _trim(summary.__context__)
        summary = summary.__cause__
