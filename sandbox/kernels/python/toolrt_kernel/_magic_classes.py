"""Magics of one's own: what IPython.core.magic gives to define them with."""


class Magics:
    """Magics as methods of a class."""

    def __init__(self, shell=None, **_):
        self.shell = shell


def members(get_ipython) -> dict:
    """The names of the module."""
    names = {"Magics": Magics, "magics_class": lambda kind: kind, "needs_local_scope": lambda function: function, "no_var_expand": lambda function: function}
    for kind in ("line", "cell", "line_cell"):
        names[f"register_{kind}_magic"] = _decorator(lambda function, name, kind=kind: get_ipython().register_magic_function(function, kind, name))
        names[f"{kind}_magic"] = _decorator(lambda function, name, kind=kind: _mark(function, kind, name))
    return names


def _decorator(take):
    def decorator(name):
        """Makes a function a magic, under its own name or the one that is given."""
        def under(function, name=None):
            take(function, name)
            return function

        return under(name) if callable(name) else lambda function: under(function, name)

    return decorator


def _mark(function, kind: str, name) -> None:
    function._toolrt_magic = (*getattr(function, "_toolrt_magic", ()), (kind, name))
