"""What a session holds, listed: ``%who``, ``%whos``, ``%history``."""

_HIDDEN = frozenset(("display", "get_ipython", "In", "Out"))
_MOST_OF_A_VALUE = 50


def names(namespace: dict) -> list:
    """The user's own names."""
    return sorted(name for name in namespace if not name.startswith("_") and name not in _HIDDEN)


def table(namespace: dict) -> str:
    """Name, type and value of each, a line each."""
    rows = [(name, type(namespace[name]).__name__, _brief(namespace[name])) for name in names(namespace)]
    if not rows:
        return "Interactive namespace is empty."
    widths = [max(len(row[at]) for row in [("Variable", "Type", ""), *rows]) + 3 for at in (0, 1)]
    head = f"{'Variable':{widths[0]}}{'Type':{widths[1]}}Data/Info"
    return "\n".join([head, "-" * len(head), *(f"{name:{widths[0]}}{kind:{widths[1]}}{value}" for name, kind, value in rows)])


def history(inputs: list, line: str) -> str:
    """The texts of cells: all, or with ``-l n`` the last, with ``-n`` numbered."""
    words = line.split()
    first = max(1, len(inputs) - int(words[words.index("-l") + 1])) if "-l" in words[:-1] else 1
    numbered = list(enumerate(inputs))[first:]
    return "\n".join(f"{number:4}: {text}" if "-n" in words else text for number, text in numbered)


def _brief(value) -> str:
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        return f"n={len(value)}"
    if hasattr(value, "shape"):
        return f"shape: {value.shape}"
    text = (value if isinstance(value, str) else repr(value)).replace("\n", "\\n")
    return text if len(text) <= _MOST_OF_A_VALUE else text[:_MOST_OF_A_VALUE] + "<...>"
