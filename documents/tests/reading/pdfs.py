"""PDF files written object by object."""

from __future__ import annotations

import hashlib
import io
import zlib
from pathlib import Path

from PIL import Image

PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources %b/Contents %d 0 R>>"
FONT = b"<</Font<</F 3 0 R>>>>"
HELVETICA = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def assembled(objects: dict[int, bytes], trailer: bytes = b"") -> bytes:
    """A file of these objects; number 1 is its root."""
    out = io.BytesIO(b"%PDF-1.5\n")
    out.seek(0, io.SEEK_END)
    offsets = {}
    for number, body in objects.items():
        offsets[number] = out.tell()
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 1\n0000000000 65535 f \n")
    for number, offset in offsets.items():
        out.write(b"%d 1\n%010d 00000 n \n" % (number, offset))
    out.write(b"trailer<</Size %d/Root 1 0 R%b>>\n" % (max(objects) + 1, trailer))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream object."""
    return b"<</Length %d%b>>stream\n%b\nendstream" % (len(data), entries, data)


def skeleton(count: int, kids: bytes) -> dict[int, bytes]:
    """Catalogue, page tree and a font, as objects 1 to 3."""
    return {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Count %d/Kids[%b]>>" % (count, kids),
        3: HELVETICA,
    }


def with_contents(*contents: bytes, resources: bytes = FONT, trailer: bytes = b"") -> bytes:
    """A file with one page for each of these content streams (whole objects)."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * index) for index in range(len(contents)))
    objects = skeleton(len(contents), kids)
    for index, content in enumerate(contents):
        objects[4 + 2 * index] = PAGE % (resources, 5 + 2 * index)
        objects[5 + 2 * index] = content
    return assembled(objects, trailer)


def drawing(text: str) -> bytes:
    """The operators that write these lines on a page."""
    shown = b"".join(b"(%b) Tj T* " % line.encode("latin-1") for line in text.splitlines())
    return b"BT /F 11 Tf 50 800 Td 14 TL " + shown + b"ET"


def with_text(*texts: str) -> bytes:
    """A file with one page a text."""
    return with_contents(*(stream(drawing(text)) for text in texts))


def of_scans(*images: Image.Image) -> bytes:
    """A file with one picture a page, as scanners make them."""
    out = io.BytesIO()
    first, *others = [image.convert("L") for image in images]
    first.save(out, "PDF", resolution=200, save_all=True, append_images=others)
    return out.getvalue()


def encrypted(text: str, password: bytes) -> bytes:
    """A file of one page, encrypted (RC4 of 40 bits) with this password for opening it."""
    identity = bytes(16)
    owner = rc4(hashlib.md5(_padded(b"owner")).digest()[:5], _padded(password))
    permissions = -4
    seed = _padded(password) + owner + permissions.to_bytes(4, "little", signed=True) + identity
    key = hashlib.md5(seed).digest()[:5]
    user = rc4(key, PADDING)
    object_key = hashlib.md5(key + bytes([5, 0, 0, 0, 0])).digest()[:10]
    trailer = b"/Encrypt<</Filter/Standard/V 1/R 2/O<%b>/U<%b>/P %d>>/ID[<%b><%b>]" % (
        owner.hex().encode(),
        user.hex().encode(),
        permissions,
        identity.hex().encode(),
        identity.hex().encode(),
    )
    return with_contents(stream(rc4(object_key, drawing(text))), trailer=trailer)


def _padded(password: bytes) -> bytes:
    return (password + PADDING)[:32]


def rc4(key: bytes, data: bytes) -> bytes:
    """Encrypted, or decrypted."""
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def flate_zeros(size: int) -> bytes:
    """So many zeros (whole MiB), compressed without making them: one block of the format, again and again."""
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    head = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = (size % 65521) << 16 | 1
    return head + again * ((size >> 20) - 1) + b"\x03\x00" + checksum.to_bytes(4, "big")


def write(folder: Path, name: str, content: bytes) -> Path:
    """The path of a new file."""
    path = folder / name
    path.write_bytes(content)
    return path
