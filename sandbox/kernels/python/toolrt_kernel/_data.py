"""Lists and dicts as data that another program can read back."""

from toolrt_kernel import _values

# Items and characters.
_MOST = 1_000_000


def data(value):
    """The value in JSON's terms; None where something in it is not data, or where it is large."""
    try:
        return _Data().of(value, 0)
    except Exception:  # a collection of the user's own may raise anything
        return None


class _Data:
    """Takes what another program can read back, and counts how much."""

    def __init__(self):
        self._left = _MOST

    def of(self, value, depth: int):
        self._left -= len(value) if isinstance(value, str) else 1
        if self._left < 0 or depth > _values.DEEPEST:
            raise TypeError("too large")
        if value is None or isinstance(value, (str, int, float)):
            return _values.plain(value)
        if isinstance(value, dict):
            return {self._key(key): self.of(item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.of(item, depth + 1) for item in value]
        return self._of_library(value, depth)

    def _key(self, key) -> str:
        self._left -= len(key) if isinstance(key, str) else 1
        if isinstance(key, str):
            return str(key)
        if key is None or key is True or key is False:
            return {None: "null", True: "true", False: "false"}[key]
        if isinstance(key, (int, float)):
            return str(key)
        raise TypeError(type(key).__name__)

    def _of_library(self, value, depth: int):
        module = type(value).__module__.partition(".")[0]
        if module == "numpy" and (getattr(value, "size", 1) <= self._left) and callable(getattr(value, "tolist", None)):
            return self.of(value.tolist(), depth + 1)
        if module in ("datetime", "pandas"):
            if type(value).__name__ in ("NaTType", "NAType"):
                return None
            if callable(getattr(value, "isoformat", None)):
                return value.isoformat()
        raise TypeError(type(value).__name__)
