"""Stands in for what IPython.display has: things that show themselves."""

import binascii
import html
import os


class DisplayObject:
    """Data of one mime type."""

    mime = "text/plain"
    is_binary = False

    def __init__(self, data=None, url=None, filename=None, metadata=None, **_):
        self.data = data
        self.metadata = metadata or {}
        self.url = url
        self.filename = filename
        if filename is not None:
            with open(filename, "rb" if self.is_binary else "r") as file:
                self.data = file.read()

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {self.mime: self.data}

    def __repr__(self):
        return f"<IPython.core.display.{type(self).__name__} object>"


class Image(DisplayObject):
    """A picture from bytes, a file or an address."""

    is_binary = True

    def __init__(self, data=None, url=None, filename=None, format=None, **_):
        if isinstance(data, str):
            filename, data = data, None
        super().__init__(data, url, filename)
        is_jpeg = format in ("jpeg", "jpg") or (format is None and bytes(self.data or b"")[:2] == b"\xff\xd8")
        self.mime = "image/jpeg" if is_jpeg else "image/png"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {self.mime: self.data} if self.data is not None else {"text/html": f'<img src="{self.url}"/>'}


class Math(DisplayObject):
    """LaTeX of a formula."""

    mime = "text/latex"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {self.mime: f"$\\displaystyle {self.data.strip('$')}$"}


class TextDisplayObject(DisplayObject):
    """The same of text."""


class GeoJSON(DisplayObject):
    """A map's data."""

    mime = "application/geo+json"


class _Html:
    """What is shown as html."""

    def __repr__(self) -> str:
        return f"<IPython.lib.display.{type(self).__name__} object>"


class IFrame(_Html):
    """Another page."""

    def __init__(self, src: str, width, height, extras=(), **parameters):
        self.src, self.width, self.height, self.extras, self.params = src, width, height, extras, parameters

    def _repr_html_(self) -> str:
        from urllib.parse import urlencode

        address = self.src + ("?" + urlencode(self.params) if self.params else "")
        return (f'<iframe width="{self.width}" height="{self.height}" src="{html.escape(address)}" '
                f'frameborder="0" allowfullscreen {" ".join(self.extras)}></iframe>')


class YouTubeVideo(IFrame):
    """A video of YouTube, by its id."""

    def __init__(self, id: str, width=400, height=300, **parameters):
        super().__init__(f"https://www.youtube.com/embed/{id}", width, height, **parameters)


class VimeoVideo(IFrame):
    """A video of Vimeo, by its id."""

    def __init__(self, id: str, width=400, height=300, **parameters):
        super().__init__(f"https://player.vimeo.com/video/{id}", width, height, **parameters)


class FileLink(_Html):
    """A link to a file."""

    def __init__(self, path, url_prefix: str = "", result_html_prefix: str = "", result_html_suffix: str = "<br>"):
        self.path, self._prefix, self._before, self._after = str(path), url_prefix, result_html_prefix, result_html_suffix

    def _repr_html_(self) -> str:
        return self._before + _link(self._prefix, self.path) + self._after

    def __repr__(self) -> str:
        return os.path.abspath(self.path)


class FileLinks(FileLink):
    """Links to the files of a folder and of those in it."""

    def _repr_html_(self) -> str:
        return "\n".join(f"{html.escape(folder)}/<br>\n" + "\n".join(f"&nbsp;&nbsp;{_link(self._prefix, os.path.join(folder, name))}<br>" for name in sorted(names))
                         for folder, _, names in os.walk(self.path))


class _Media(_Html):
    """Sound or moving pictures, within the html or by their address."""

    kind, suffix = "audio", "wav"

    def __init__(self, data=None, filename=None, url=None, embed=None, mimetype=None):
        if isinstance(data, str):
            filename, url, data = (filename, data, None) if "://" in data else (data, url, None)
        if filename is not None and (embed or embed is None):
            with open(filename, "rb") as file:
                data = file.read()
        self.data, self.url = data, url or filename
        name = str(self.url or "")
        self.mimetype = mimetype or f"{self.kind}/{name.rpartition('.')[2] if '.' in name else self.suffix}"

    @property
    def source(self) -> str:
        """The address, which may hold the data itself."""
        if self.data is None:
            return html.escape(str(self.url))
        return f"data:{self.mimetype};base64,{binascii.b2a_base64(self.data, newline=False).decode('ascii')}"


class Video(_Media):
    """Moving pictures."""

    kind, suffix = "video", "mp4"

    def __init__(self, data=None, url=None, filename=None, embed=False, mimetype=None, width=None, height=None, html_attributes: str = "controls"):
        super().__init__(data, filename, url, embed, mimetype)
        sizes = "".join(f' {name}="{value}"' for name, value in (("width", width), ("height", height)) if value)
        self._attributes = html_attributes + sizes

    def _repr_html_(self) -> str:
        return f'<video src="{self.source}" {self._attributes}>Your browser does not support the <code>video</code> element.</video>'


class Audio(_Media):
    """Sound, of a file, an address, bytes, or numbers at a ``rate``."""

    def __init__(self, data=None, filename=None, url=None, embed=None, rate=None, autoplay=False, normalize=True, **_):
        if data is not None and not isinstance(data, (str, bytes)):
            if rate is None:
                raise ValueError("rate must be specified when data is a numpy array or list of audio samples.")
            data = _wave(data, rate, normalize)
        super().__init__(data, filename, url, embed)
        self._autoplay = ' autoplay="autoplay"' if autoplay else ""

    def _repr_html_(self) -> str:
        return (f'<audio controls="controls"{self._autoplay}><source src="{self.source}" type="{self.mimetype}" />'
                "Your browser does not support the audio element.</audio>")


class ProgressBar(_Html):
    """How much of something is done; each showing is one of its own."""

    def __init__(self, total: int):
        self.total, self.progress = total, 0

    def _repr_html_(self) -> str:
        return f"<progress style='width:60ex' max='{self.total}' value='{self.progress}'></progress>"

    def __repr__(self) -> str:
        done = int(60 * self.progress / self.total)
        return f"[{'=' * done}{' ' * (60 - done)}] {self.progress}/{self.total}"

    def __iter__(self):
        for self.progress in range(self.total):
            yield self.progress


def _link(prefix: str, path: str) -> str:
    return f"<a href='{html.escape(prefix + path)}' target='_blank'>{html.escape(path)}</a>"


def _wave(samples, rate: int, normalize: bool) -> bytes:
    import array
    import io
    import wave

    channels = [list(each) for each in samples] if hasattr(samples[0], "__len__") else [list(samples)]
    peak = max((abs(value) for channel in channels for value in channel), default=1) if normalize else 1
    numbers = array.array("h", (int(value / (peak or 1) * 32767) for frame in zip(*channels) for value in frame))
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(int(rate))
        file.writeframes(numbers.tobytes())
    return target.getvalue()
