"""Values as result events: every form in which a value can show itself, as IPython asks for them."""

import binascii
import builtins
import sys
import types

from toolrt_kernel import _values
from toolrt_kernel._channel import FrameTooLarge

_FIELDS = {
    "text/plain": "text", "text/html": "html", "text/markdown": "markdown", "image/svg+xml": "svg", "image/png": "png",
    "image/jpeg": "jpeg", "application/pdf": "pdf", "text/latex": "latex", "application/json": "json",
    "application/javascript": "javascript", "e2b/data": "data", "e2b/chart": "chart",
}
_METHODS = {
    "_repr_html_": "text/html", "_repr_markdown_": "text/markdown", "_repr_svg_": "image/svg+xml", "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg", "_repr_pdf_": "application/pdf", "_repr_latex_": "text/latex", "_repr_json_": "application/json",
    "_repr_javascript_": "application/javascript",
}
# An object that answers to this name answers to every name, and means none of them.
_CANARY = "_toolrt_canary_method_should_not_exist_"
_PLAIN = frozenset((int, float, str, bool))
# A table above this is shown but not sent as data.
_MOST_CELLS = 1_000_000


class Display:
    """Sends result events."""

    def __init__(self, output):
        self._output = output
        self._formatter = None
        # Where bundles go instead of to the host, while something takes them.
        self.taken = None

    @property
    def formatter(self):
        """Holds ``formatters``: what was set for types of values, by mime type."""
        if self._formatter is None:
            from toolrt_kernel import _frontend

            self._formatter = types.SimpleNamespace(formatters=_frontend.Formatters())
        return self._formatter

    def install(self, namespace: dict) -> None:
        """Gives cells, and modules of the user's, the function ``display``."""
        builtins.display = self.display
        namespace["display"] = self.display

    def display(self, *objects, include=None, exclude=None, metadata=None, transient=None, display_id=None, raw=False, clear=False, **_):
        """Shows objects; ``raw`` ones are mime bundles already."""
        for each in objects:
            if raw:
                self.send(dict(each), False)
            else:
                self.show(each, False, include, exclude)
        return Handle(display_id, self) if display_id else None

    def show(self, value, is_main: bool, include=None, exclude=None) -> None:
        """Shows one value in all its forms."""
        own = method_of(value, "_ipython_display_")
        if own is not None:
            own()
            return
        bundle = self._bundle(value, include, exclude)
        if include:
            bundle = {mime: data for mime, data in bundle.items() if mime in include or mime == "text/plain"}
        self.send({mime: data for mime, data in bundle.items() if mime not in (exclude or ())}, is_main)

    def send(self, bundle: dict, is_main: bool) -> None:
        """Sends a mime bundle."""
        if self.taken is not None:
            self.taken.append(bundle)
            return
        event = {"type": "result", "is_main_result": is_main}
        extra = {}
        for mime, data in bundle.items():
            if data is None:
                continue
            value = _values.plain(_text_of_bytes(data))
            if mime in _FIELDS:
                event[_FIELDS[mime]] = value
            else:
                extra[mime] = value
        if extra:
            event["extra"] = extra
        try:
            self._output.event(_values.encode(event))
        except FrameTooLarge as error:
            self._output.write("stderr", f"this result is too large to be shown: {error}\n")
            if "text" in event:
                self._output.event(_values.encode({"type": "result", "is_main_result": is_main, "text": event["text"][:_MOST_CELLS]}))

    def _bundle(self, value, include, exclude) -> dict:
        forms = self._formatter.formatters if self._formatter is not None else {}
        printer = forms.get("text/plain")
        bundle = {"text/plain": text_of(value, printer.find if printer is not None else None)}
        if forms:
            bundle.update(forms.forms_of(value))
        known = _known(value)
        if known is not None:
            bundle.update(known(value))
            return bundle
        bundle.update(self._mime_bundle(value, include, exclude))
        for name, mime in _METHODS.items():
            if mime not in bundle:
                data = self._ask(value, name)
                if data is not None:
                    bundle[mime] = data
        bundle.update(_table(value))
        if isinstance(value, (list, dict)) and "application/json" not in bundle:
            from toolrt_kernel import _data

            bundle["application/json"] = _data.data(value)
        return bundle

    def _mime_bundle(self, value, include, exclude) -> dict:
        data = self._ask(value, "_repr_mimebundle_", include=include, exclude=exclude)
        return data if isinstance(data, dict) else {}

    def _ask(self, value, name: str, **arguments):
        method = method_of(value, name)
        if method is None:
            return None
        try:
            data = method(**arguments)
        except NotImplementedError:
            return None
        except Exception as error:  # one form that fails must not take the others away
            self._output.write("stderr", f"{type(value).__name__}.{name}: {type(error).__name__}: {error}\n")
            return None
        return data[0] if isinstance(data, tuple) and data else data


class Handle:
    """What ``display(..., display_id=...)`` gives. Nothing that was shown can be changed: an update is shown anew."""

    def __init__(self, display_id=None, display=None):
        self.display_id = display_id if isinstance(display_id, str) else f"{id(self):032x}"
        self._display = display or builtins.display.__self__

    def display(self, value, **arguments) -> None:
        """Shows a value."""
        self._display.display(value, **arguments)

    update = display

    def __repr__(self) -> str:
        return f"<DisplayHandle display_id={self.display_id}>"


def text_of(value, find=None) -> str:
    """The text of a value, a string without its quotes."""
    # Numbers and strings need no printer.
    if find is None and type(value) in _PLAIN:
        text = repr(value)
    else:
        from toolrt_kernel import _pretty

        text = _pretty.text_of(value, find)
    if len(text) > 1 and text[0] == text[-1] and (text[0] == "'" or (text[0] == '"' and isinstance(value, str))):
        return text[1:-1]
    return text


def method_of(value, name: str):
    """A method for showing, of an instance and not of a class, or None."""
    if isinstance(value, type) or _attribute(value, _CANARY) is not None:
        return None
    method = _attribute(value, name)
    return method if callable(method) else None


def _attribute(value, name: str):
    try:
        return getattr(value, name, None)
    except Exception:  # a __getattr__ that raises something of its own has no such attribute
        return None


def _known(value):
    figure = sys.modules.get("matplotlib.figure")
    if figure is not None and isinstance(value, figure.Figure):
        from toolrt_kernel import _figures

        return _figures.bundle_of
    image = sys.modules.get("PIL.Image")
    if image is not None and isinstance(value, image.Image):
        from toolrt_kernel import _figures

        return _figures.bundle_of_image
    return None


def _table(value) -> dict:
    pandas = sys.modules.get("pandas")
    frame = getattr(pandas, "DataFrame", None)
    if frame is None or not isinstance(value, frame) or value.size > _MOST_CELLS:
        return {}
    return {"e2b/data": value.to_dict(orient="list")}


def _text_of_bytes(data):
    return binascii.b2a_base64(data, newline=False).decode("ascii") if isinstance(data, (bytes, bytearray)) else data
