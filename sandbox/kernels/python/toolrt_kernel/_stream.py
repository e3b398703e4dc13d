"""What stands for sys.stdout and sys.stderr."""

import codecs
import os


class Stream:
    """Stands for sys.stdout or sys.stderr."""

    encoding = "utf-8"
    errors = "replace"
    newlines = None
    closed = False
    mode = "w"
    line_buffering = True
    write_through = False

    def __init__(self, name: str, output, descriptor: int):
        self.name = f"<{name}>"
        self._name = name
        self._output = output
        self._descriptor = descriptor
        self._line = ""
        self.buffer = _Bytes(self)

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self._output.is_child:
            self._line += text
            if text.endswith("\n"):
                self._write_line()
        elif text:
            self._output.write(self._name, text)
        return len(text)

    def writelines(self, lines) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if self._output.is_child:
            self._write_line()
        else:
            self._output.flush()

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def reconfigure(self, **_) -> None:
        """Accepted for libraries that call it; the encoding stays UTF-8."""

    def detach(self):
        return self.buffer

    def close(self) -> None:
        """Accepted; a cell cannot close the kernel's output."""

    def _write_line(self) -> None:
        # Whole lines in one piece: several children write on one pipe.
        line, self._line = self._line, ""
        os.write(self._descriptor, line.encode("utf-8", "replace"))


class _Bytes:
    """sys.stdout.buffer: characters may be written in parts."""

    def __init__(self, stream: Stream):
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.raw = self
        self.name = stream.name
        self.mode = "wb"
        self.closed = False

    def write(self, data) -> int:
        text = self._decoder.decode(bytes(data))
        if text:
            self._stream.write(text)
        return len(data)

    def flush(self) -> None:
        self._stream.flush()

    def fileno(self) -> int:
        return self._stream.fileno()

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """Accepted; a cell cannot close the kernel's output."""
