"""Figures of matplotlib and images of PIL: shown when they are asked to, or when the cell ends."""

import importlib.abc
import io
import sys

_display = None


class _After(importlib.abc.Loader):
    """A loader that changes a module once it has run."""

    def __init__(self, loader, change):
        self._loader = loader
        self._change = change

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module) -> None:
        self._loader.exec_module(module)
        module.__spec__.loader = self._loader
        self._change(module)


class Finder(importlib.abc.MetaPathFinder):
    """Changes modules when they are imported; costs nothing until then."""

    def __init__(self, display):
        global _display
        _display = display
        self._changes = {"matplotlib.pyplot": _change_pyplot, "PIL.Image": _change_image, "IPython.core.display_functions": _change_ipython}

    def find_spec(self, name, path=None, target=None):
        change = self._changes.pop(name, None)
        if change is None:
            return None
        spec = next(filter(None, (finder.find_spec(name, path, target) for finder in sys.meta_path if finder is not self)), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _After(spec.loader, change)
        return spec


def bundle_of(figure) -> dict:
    """A figure as an image and, where it can be told, as the data that it shows."""
    from toolrt_kernel import _charts

    image = io.BytesIO()
    # A figure that was made without pyplot has no canvas of its own.
    figure.savefig(image, format="png", bbox_inches="tight", dpi=figure.dpi, facecolor=figure.get_facecolor())
    return {"image/png": image.getvalue(), "e2b/chart": _charts.chart_of(figure)}


def bundle_of_image(image) -> dict:
    """A PIL image as png, and one that was read from a JPEG as that too."""
    bundle = {"image/jpeg": _encode(image, "JPEG")} if image.format == "JPEG" else {}
    if image.mode not in ("1", "L", "LA", "I", "P", "RGB", "RGBA"):
        image = image.convert("RGB")
    return {"image/png": _encode(image, "PNG"), **bundle}


def show_open() -> None:
    """Shows the figures that are open, and closes them."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or not pyplot.get_fignums():
        return
    try:
        for number in pyplot.get_fignums():
            _display.show(pyplot.figure(number), False)
    finally:
        pyplot.close("all")


def close(figure) -> None:
    """Closes a figure that was shown as the cell's result, which else would be shown twice."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)


def is_figure(value) -> bool:
    """Whether a value is a figure of matplotlib."""
    module = sys.modules.get("matplotlib.figure")
    return module is not None and isinstance(value, module.Figure)


def _encode(image, form: str) -> bytes:
    target = io.BytesIO()
    # Not image.save: it shows what it saves.
    _save(image, target, form)
    return target.getvalue()


def _save(image, target, form=None, **options) -> None:
    type(image).save(image, target, form, **options)


def _change_pyplot(pyplot) -> None:
    def show(*_arguments, **_options):
        """Shows the open figures and closes them."""
        show_open()

    pyplot.show = show
    pyplot.Figure.show = lambda figure, warn=True: _display.show(figure, False)


def _change_image(module) -> None:
    original = module.Image.save

    def save(self, fp, format=None, **params):
        """Saves this image; one that is saved to a file by name is shown too."""
        original(self, fp, format, **params)
        if isinstance(fp, str):
            _display.show(self, False)

    def show(self, title=None):
        """Shows this image."""
        _display.show(self, False)

    global _save
    _save = original
    module.Image.save = save
    module.Image.show = show


def _change_ipython(module) -> None:
    module.display = _display.display
