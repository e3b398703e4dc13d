"""LOAD: environment, paths, the user's module."""

import _frozen_importlib
import _frozen_importlib_external
import os
import sys
import time

from toolruntime import _faults, _lazy
from toolruntime._plan import Plan

SITE_PACKAGES = "/layers/site-packages"


class LoadError(Exception):
    """The function cannot be loaded: what, where and how to mend."""

    def __init__(self, message: str, detail: str | None = None, line: int | None = None):
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.line = line

    def body(self) -> dict:
        """The payload of LOAD_FAILED."""
        found = {"message": self.message, "detail": self.detail or ""}
        if self.line is not None:
            found["line"] = self.line
        return found


def load(request: dict):
    """Imports the entry file; gives the module and the payload of LOADED; raises LoadError."""
    _set_environment(request.get("environment") or {})
    root = request["root"].rstrip(os.sep)
    entry = request["entry"]
    path = os.path.join(root, entry)
    _set_path(root, path)
    # A sandbox may be a copy of one that was checkpointed after this process began.
    if "random" in sys.modules:
        sys.modules["random"].seed()
    module = _import(path, root, entry)
    if not request.get("inspect"):
        return module, {}
    from toolruntime import _inspector

    tools, warnings = _inspector.inspect_module(module, entry)
    return module, {"tools": tools, "warnings": warnings}


def plan(module, entry: str) -> Plan:
    """How to call one function of the module; raises LoadError."""
    if module is None:
        raise LoadError("no function is loaded")
    function = getattr(module, entry, None) if entry else None
    if not callable(function):
        raise LoadError(f"{module.__file__} has no function '{entry}'")
    try:
        return Plan(function)
    except Exception as error:  # annotations are user code: resolving them may raise anything
        raise LoadError(f"the signature of '{entry}' cannot be read: {_faults.describe(error)}",
                        _faults.trace(error)) from None


def _set_environment(environment: dict) -> None:
    os.environ.update(environment)
    if "TZ" in environment:
        time.tzset()


def _set_path(root: str, path: str) -> None:
    if any(name.partition(".")[0] in sys.stdlib_module_names for name in os.listdir(root)):
        # Which of two modules of one name is meant must not depend on how long the worker has stood ready.
        _lazy.import_ahead(lambda: False)
    sys.argv[:] = [path]
    sys.path.insert(0, root)
    folder = os.path.dirname(path)
    if folder != root:
        sys.path.insert(1, folder)
    sys.path.append(SITE_PACKAGES)


def _import(path: str, root: str, entry: str):
    stem = os.path.splitext(os.path.basename(path))[0]
    # A file called json.py is a function of that name, not the json that everything else means.
    name = f"function_{stem}" if stem in sys.modules or stem in sys.stdlib_module_names else stem
    spec = _frozen_importlib_external.spec_from_file_location(name, path)
    if spec is None:
        raise LoadError(f"{entry}: not a Python file (expected .py)")
    module = _frozen_importlib.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:  # the module's top level is user code: it may even call sys.exit()
        sys.modules.pop(name, None)
        raise _import_error(error, root, entry) from None
    return module


def _import_error(error: BaseException, root: str, entry: str) -> LoadError:
    if isinstance(error, FileNotFoundError) and error.filename == os.path.join(root, entry):
        return LoadError(f"{entry}: no such file in the package")
    at = _faults.line_in(error, root)
    line = at[1] if at else None
    where = f"{os.path.relpath(at[0], root)}:{at[1]}" if at else entry
    if isinstance(error, SyntaxError):
        return LoadError(f"{where}: {error.msg}", _faults.trace(error), line)
    message = f"{where}: {_faults.describe(error)}"
    if isinstance(error, ModuleNotFoundError):
        message += f". Name the package of '{error.name}' in requirements.txt beside the file"
    elif isinstance(error, SystemExit):
        message += ". The file ends the process when it is imported: put that under if __name__ == '__main__'"
    return LoadError(message, _faults.trace(error), line)
