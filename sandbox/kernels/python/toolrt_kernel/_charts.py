"""What a figure of matplotlib shows, as data: the form that E2B's clients know."""

import datetime
import re

from matplotlib import dates
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle, Wedge
from matplotlib.text import Text

_UNIT = re.compile(r"\s\((.*?)\)|\[(.*?)\]")
# A figure with more points is an image only.
_MOST_POINTS = 200_000
_SAME = 1e-9


def chart_of(figure):
    """The chart of a figure, or None where it has nothing to tell."""
    axes = [each for each in figure.get_axes() if _contents(each) or _has_units(each)]
    if not axes:
        return None
    try:
        if len(axes) == 1:
            return _chart(axes[0])
        title = figure._suptitle.get_text() if figure._suptitle is not None else None
        return {"type": "superchart", "title": title, "elements": [_chart(each) for each in axes]}
    except Exception:  # artists of other libraries may lack anything; the image is there
        return {"type": "unknown", "title": None, "elements": []}


def _contents(axes) -> list:
    return [artist for artist in axes.get_children()
            if isinstance(artist, (Line2D, PathCollection, PathPatch, Wedge)) or _is_other(axes, artist)]


def _has_units(axes) -> bool:
    """Whether something told the axes what they count, as a plot does before it finds that its data do not fit."""
    return any(_converter(axis) is not None for axis in (axes.xaxis, axes.yaxis))


def _is_other(axes, artist) -> bool:
    frame = (axes.patch, *axes.spines.values(), axes.xaxis, axes.yaxis, axes.title, axes._left_title, axes._right_title, axes.legend_)
    return not isinstance(artist, Text) and not any(artist is part for part in frame)


def _chart(axes) -> dict:
    contents = _contents(axes)
    solid = [artist for artist in contents if not (isinstance(artist, Line2D) and _is_rule(artist))]
    extract = "unknown", lambda _: []
    if not contents or _all(contents, Line2D):
        extract = "line", _lines
    elif _all(contents, (PathPatch, Line2D)):
        extract = "box_and_whisker", _boxes
    elif _all(solid, PathCollection):
        extract = "scatter", _points
    elif _all(solid, Wedge):
        extract = "pie", _wedges
    elif _all(solid, Rectangle):
        extract = "bar", _bars
    kind, elements_of = extract
    chart = {"type": kind, "title": axes.get_title() or None}
    if kind not in ("pie", "unknown"):
        chart.update(_labels(axes))
    if kind in ("line", "scatter"):
        chart.update(_scale("x", axes.xaxis, axes.get_xscale()), **_scale("y", axes.yaxis, axes.get_yscale()))
    chart["elements"] = elements_of(axes)
    if kind in ("bar", "box_and_whisker") and _is_horizontal(axes, kind):
        for of in ("label", "unit"):
            chart[f"x_{of}"], chart[f"y_{of}"] = chart[f"y_{of}"], chart[f"x_{of}"]
    return chart


def _all(artists, kind) -> bool:
    return bool(artists) and all(isinstance(artist, kind) for artist in artists)


def _is_rule(line) -> bool:
    x, y = line.get_xdata(), line.get_ydata()
    return len(x) == 2 and (x[0] == x[1] or y[0] == y[1])


def _labels(axes) -> dict:
    found = {}
    for name, label in (("x", axes.get_xlabel()), ("y", axes.get_ylabel())):
        unit = _UNIT.search(label or "")
        found[f"{name}_label"] = label or None
        found[f"{name}_unit"] = (unit.group(1) or unit.group(2)) if unit else None
    return found


def _scale(name: str, axis, scale: str) -> dict:
    places = [float(place) for place in axis.get_majorticklocs()]
    labels = [label.get_text() for label in axis.get_ticklabels()]
    if _is_dates(axis):
        places, scale = [dates.num2date(place).isoformat() for place in places], "datetime"
    elif scale == "linear" and places and all(place == at and label not in (str(at), f"{at}.0", "")
                                              for at, (place, label) in enumerate(zip(places, labels))):
        scale = "categorical"
    return {f"{name}_ticks": places, f"{name}_tick_labels": labels, f"{name}_scale": scale}


def _is_dates(axis) -> bool:
    return isinstance(_converter(axis), (dates.DateConverter, dates._SwitchableDateConverter))


def _converter(axis):
    return axis.get_converter() if hasattr(axis, "get_converter") else axis.converter


def _lines(axes) -> list:
    elements = []
    for line in axes.get_lines():
        x, y = line.get_xdata(orig=True), line.get_ydata(orig=True)
        if not _is_rule(line) or len(axes.get_lines()) == 1:
            elements.append(_series(_named(line.get_label(), "_child", "Line"), x, y))
    return _bounded(elements)


def _points(axes) -> list:
    elements = []
    for collection in axes.collections:
        offsets = collection.get_offsets()
        x, y = ([place[at] for place in offsets] for at in (0, 1))
        if _is_dates(axes.xaxis):
            x = [dates.num2date(place).isoformat() for place in x]
        elements.append(_series(_named(collection.get_label(), "_child", "Series"), x, y))
    return _bounded(elements)


def _series(label: str, x, y) -> dict:
    return {"label": label, "points": [[_value(one), _value(other)] for one, other in zip(x, y)]}


def _bounded(elements: list) -> list:
    return elements if sum(len(each["points"]) for each in elements) <= _MOST_POINTS else []


def _value(value):
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if type(value).__name__ == "datetime64":
        return str(value.astype("datetime64[s]"))
    if isinstance(value, str):
        return str(value)
    return float(value)


def _named(label: str, hidden: str, shown: str) -> str:
    # A label that nobody gave counts what matplotlib holds.
    number = label[len(hidden):]
    return f"{shown} {number}" if label.startswith(hidden) and number.isdigit() else label


def _wedges(axes) -> list:
    return [{"label": wedge.get_label(), "angle": abs(_round(wedge.theta2 - wedge.theta1)), "radius": float(wedge.r)}
            for wedge in axes.patches if isinstance(wedge, Wedge)]


def _round(value: float) -> float:
    """To four decimals, where that changes nothing that anybody can see; wedges are kept in single precision."""
    near = round(float(value), 4)
    return near if abs(near - value) < 1e-3 else float(value)


def _bars(axes) -> list:
    elements = []
    is_horizontal = _is_horizontal(axes, "bar")
    labels = [label.get_text() for label in (axes.get_yticklabels() if is_horizontal else axes.get_xticklabels())]
    places = axes.get_yticks() if is_horizontal else axes.get_xticks()
    for container in axes.containers:
        group = _named(container.get_label(), "_container", "Group")
        for at, bar in enumerate(container):
            value = bar.get_width() if is_horizontal else bar.get_height()
            middle = bar.get_y() + bar.get_height() / 2 if is_horizontal else bar.get_x() + bar.get_width() / 2
            elements.append({"label": _label_at(middle, places, labels, at), "group": group, "value": float(value)})
    return elements


def _label_at(middle: float, places, labels: list, at: int) -> str:
    """The tick's label under a bar; bars that stand beside each other share the nearest one."""
    near = sorted((abs(place - middle), label) for place, label in zip(places, labels) if label)
    if near and near[0][0] <= 0.5 + _SAME:
        return near[0][1]
    return labels[at] if at < len(labels) else f"{middle:g}"


def _is_horizontal(axes, kind: str) -> bool:
    if kind == "bar":
        orientations = [getattr(container, "orientation", None) for container in axes.containers]
        return bool(orientations) and all(orientation == "horizontal" for orientation in orientations)
    patches = [patch.get_path().get_extents() for patch in axes.patches]
    # Boxes beside each other are equally wide; only boxes that lie are equally high.
    return len(patches) > 1 and _equal([box.height for box in patches]) and not _equal([box.width for box in patches])


def _equal(numbers: list) -> bool:
    return max(numbers) - min(numbers) <= _SAME * max(1.0, abs(max(numbers)))


def _boxes(axes) -> list:
    lies = _is_horizontal(axes, "box_and_whisker")
    labels = [label.get_text() for label in (axes.get_yticklabels() if lies else axes.get_xticklabels())]
    found = []
    for patch, label in zip(axes.patches, labels):
        extents = patch.get_path().get_extents()
        (low, high), (first, third) = ((extents.y0, extents.y1), (extents.x0, extents.x1)) if lies else ((extents.x0, extents.x1), (extents.y0, extents.y1))
        found.append({"label": label, "range": (low, high), "min": first, "first_quartile": first, "median": first,
                      "third_quartile": third, "max": third, "outliers": []})
    for line in axes.lines:
        x, y = [float(place) for place in line.get_xdata()], [float(place) for place in line.get_ydata()]
        across, along = (y, x) if lies else (x, y)
        box = next((each for each in found if across and each["range"][0] - _SAME <= sum(across) / len(across) <= each["range"][1] + _SAME), None)
        if box is not None:
            _add_line(box, across, along)
    return [{name: _plain(value) for name, value in box.items() if name != "range"} for box in found]


def _add_line(box: dict, across: list, along: list) -> None:
    """Takes one of the lines that make a box: median, whisker, cap, or the points outside."""
    is_flat = len(along) == 2 and abs(along[0] - along[1]) <= _SAME
    if len(along) == 2 and abs(across[0] - across[1]) <= _SAME and not is_flat:
        box["min"] = min(box["min"], *along)
        box["max"] = max(box["max"], *along)
    elif is_flat and box["first_quartile"] - _SAME <= along[0] <= box["third_quartile"] + _SAME and box["range"][1] - box["range"][0] <= abs(across[1] - across[0]) + _SAME:
        box["median"] = along[0]
    elif not is_flat and len(set(across)) == 1:
        box["outliers"] += along


def _plain(value):
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return _round(value) if isinstance(value, float) else value
