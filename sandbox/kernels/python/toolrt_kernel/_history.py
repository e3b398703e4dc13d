"""What cells find of earlier ones under IPython's names: In, Out, _, _1, _i."""

# Values of cells and the numbered names are kept of so many; a list of all texts is kept as the lines for tracebacks are.
_MOST_KEPT = 1000


class History:
    """The names of earlier cells and their values, in the session's namespace."""

    def __init__(self, namespace: dict):
        self._namespace = namespace
        self._inputs = [""]
        self._outputs = {}
        namespace.update(In=self._inputs, _ih=self._inputs, Out=self._outputs, _oh=self._outputs)
        for name in ("_", "__", "___", "_i", "_ii", "_iii"):
            namespace[name] = ""

    @property
    def inputs(self) -> list:
        """The texts of the cells, by their numbers."""
        return self._inputs

    def begin(self, count: int, source: str) -> None:
        """Takes the text of the cell ``count``."""
        names = self._namespace
        for older, newer in (("_iii", "_ii"), ("_ii", "_i")):
            names[older] = names.get(newer, "")
        names["_i"] = self._inputs[-1]
        while len(self._inputs) < count:
            self._inputs.append("")
        self._inputs.append(source.rstrip("\n"))
        names[f"_i{count}"] = self._inputs[-1]
        if count > _MOST_KEPT:
            names.pop(f"_i{count - _MOST_KEPT}", None)

    def end(self, count: int, value) -> None:
        """Takes the value of the cell ``count``."""
        if value is self._outputs:
            return
        names = self._namespace
        for older, newer in (("___", "__"), ("__", "_")):
            names[older] = names.get(newer, "")
        names["_"] = names[f"_{count}"] = self._outputs[count] = value
        if len(self._outputs) > _MOST_KEPT:
            oldest = next(iter(self._outputs))
            del self._outputs[oldest]
            names.pop(f"_{oldest}", None)
