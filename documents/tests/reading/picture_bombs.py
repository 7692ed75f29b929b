"""Pictures made to do harm, small themselves. Each function gives the content of one."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

from documents.tests.reading.pdfs import flate_zeros


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, *chunks: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + b"".join(chunks) + _chunk(b"IEND", b"")


def huge_png() -> bytes:
    """100,000 x 100,000 pixels, as far as its header goes."""
    return _png(100_000, 100_000, _chunk(b"IDAT", zlib.compress(bytes(1000))))


def png_text() -> bytes:
    """Forty comments of 32 MiB each."""
    comment = _chunk(b"zTXt", b"Comment\x00\x00" + flate_zeros(1 << 25))
    return _png(10, 10, *[comment] * 40, _chunk(b"IDAT", zlib.compress(bytes(31 * 10))))


def huge_jpeg() -> bytes:
    """65,500 x 65,500 pixels, the most that a header can say for Pillow, with the data of 8 x 8."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    small = out.getvalue()
    size = struct.pack(">HH", 8, 8)
    return small.replace(b"\x08" + size, b"\x08" + struct.pack(">HH", 65_500, 65_500), 1)


def _tiff(*directories: bytes) -> bytes:
    return b"II*\x00" + struct.pack("<I", 8) + b"".join(directories)


def _directory(width: int, height: int, following: int) -> bytes:
    entries = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (279, 4, 1)]
    packed = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)


def huge_tiff() -> bytes:
    """100,000 x 100,000 pixels."""
    return _tiff(_directory(100_000, 100_000, 0))


def many_frames() -> bytes:
    """Ten thousand pictures of one pixel."""
    size = len(_directory(1, 1, 0))
    return _tiff(*(_directory(1, 1, 8 + size * (index + 1)) for index in range(10_000)))


def frame_loop() -> bytes:
    """A picture that comes after itself."""
    size = len(_directory(1, 1, 0))
    return _tiff(_directory(1, 1, 8 + size), _directory(1, 1, 8))
