"""MCP content blocks that a function may return instead of, or among, plain values."""

import binascii


class Content:
    """One MCP content block, given as it is: ``Content({"type": "text", "text": "..."})``."""

    def __init__(self, block: dict):
        self.block = block

    @staticmethod
    def text(text: str) -> "Content":
        """A text block."""
        return Content({"type": "text", "text": text})

    @staticmethod
    def audio(data: bytes, mime: str = "audio/wav") -> "Content":
        """An audio block."""
        return Content({"type": "audio", "data": binascii.b2a_base64(data, newline=False).decode("ascii"), "mimeType": mime})

    @staticmethod
    def resource(uri: str, text: str, mime: str = "text/plain") -> "Content":
        """An embedded text resource."""
        return Content({"type": "resource", "resource": {"uri": uri, "mimeType": mime, "text": text}})


class Image(Content):
    """An image block: ``Image(png_bytes)`` or ``Image(jpeg_bytes, "image/jpeg")``."""

    def __init__(self, data: bytes, mime: str = "image/png"):
        super().__init__({"type": "image", "data": binascii.b2a_base64(data, newline=False).decode("ascii"), "mimeType": mime})
