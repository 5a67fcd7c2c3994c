"""Uploaded files, their ids, kinds and picture sizes, told from the bytes (the declared type is unreliable)."""
from __future__ import annotations

import base64
import hashlib
import mimetypes
import struct
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram.errors import Refusal, bad
from bot.sandbox.telegram.params import Params, Upload

_PHOTO_BYTES = 10 << 20
_UPLOAD_BYTES = 50 << 20
DOWNLOAD_BYTES = 20 << 20
_SIDES = (90, 320, 800, 1280)
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"), (b"\xff\xd8\xff", "image/jpeg", "jpg"), (b"GIF8", "image/gif", "gif"),
    (b"%PDF", "application/pdf", "pdf"), (b"PK\x03\x04", "application/zip", "zip"), (b"BM", "image/bmp", "bmp"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One file the emulator holds. `path` is what getFile names."""

    file_id: str
    unique_id: str
    name: str
    mime: str
    path: str
    content: bytes


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def sniff(content: bytes) -> tuple[str, str] | None:
    """Return mime type and extension told by the first bytes, or None."""
    for magic, mime, extension in _MAGIC:
        if content.startswith(magic):
            return mime, extension
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp", "webp"
    return None


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG, JPEG, GIF, BMP or WebP, or None where it is none of them."""
    kind = sniff(content)
    try:
        match kind[1] if kind else "":
            case "png":
                return struct.unpack(">II", content[16:24])
            case "gif":
                return struct.unpack("<HH", content[6:10])
            case "bmp":
                return struct.unpack("<II", content[18:26])
            case "jpg":
                return _jpeg_size(content)
            case "webp" if content[12:16] == b"VP8X":
                w, h = int.from_bytes(content[24:27], "little"), int.from_bytes(content[27:30], "little")
                return w + 1, h + 1
    except (struct.error, IndexError):
        return None
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(content):
        if content[at] != 0xFF:
            at += 1
            continue
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5:at + 9])
            return width, height
        at += 2 if marker in (0xFF, 0x01) or 0xD0 <= marker <= 0xD8 else 2 + int.from_bytes(content[at + 2:at + 4])
    return None


class Files:
    """All files by id and by path."""

    def __init__(self) -> None:
        self._by_id: dict[str, Stored] = {}
        self._by_path: dict[str, Stored] = {}
        self._count = 0

    def store(self, upload: Upload, folder: str) -> Stored:
        """Keep an upload under new ids; the unique id depends on the bytes alone."""
        self._count += 1
        digest = hashlib.sha256(upload.content).digest()
        known = sniff(upload.content)
        mime = known[0] if known else mimetypes.guess_type(upload.name)[0] or "application/octet-stream"
        extension = known[1] if known else (upload.name.rpartition(".")[2] if "." in upload.name else "bin")
        number = f"{folder}/file_{self._count}"
        stored = Stored(
            file_id=f"AgACAgIAAxkDAAI{_b64(number.encode())}{_b64(digest)}ACAAMCAAN",
            unique_id=f"AQAD{_b64(digest[:9])}", name=upload.name, mime=mime,
            path=f"{number}.{extension if extension.isalnum() else 'bin'}", content=upload.content,
        )
        self._by_id[stored.file_id] = stored
        self._by_path[stored.path] = stored
        return stored

    def alias(self, stored: Stored, file_id: str) -> None:
        """Let a second id mean the same bytes, as for the sizes of a photo."""
        self._by_id[file_id] = stored

    def by_id(self, file_id: str) -> Stored | None:
        """Return the file with that id."""
        return self._by_id.get(file_id)

    def by_path(self, path: str) -> Stored | None:
        """Return the file getFile named so."""
        return self._by_path.get(path)

    def wanted(self, p: Params, name: str, folder: str) -> Stored:
        """Return what a parameter means: an upload or a known file_id; raises 400 for anything else."""
        upload = p.upload(name)
        if upload is not None:
            if not upload.content:
                raise bad("file must be non-empty")
            if len(upload.content) > _UPLOAD_BYTES:
                raise Refusal(413, "Request Entity Too Large")
            return self.store(upload, folder)
        value = p.text(name)
        if value.startswith("attach://"):
            raise bad("file must be non-empty")
        if not value:
            raise bad(f"there is no {name} in the request")
        return self.known(value)

    def known(self, value: str) -> Stored:
        """Return the file of a file_id; raises 400: addresses are not fetched here."""
        if value.startswith(("http://", "https://")):
            raise bad("failed to get HTTP URL content")
        stored = self.by_id(value)
        if stored is None:
            raise bad("wrong remote file identifier specified: can't unserialize it")
        return stored

    def photo(self, stored: Stored) -> list[dict[str, Any]]:
        """Return the photo's sizes, ascending; raises 400 for what is no picture or has impossible dimensions."""
        size = picture_size(stored.content)
        if size is None:
            raise bad("IMAGE_PROCESS_FAILED")
        width, height = size
        if width < 1 or height < 1 or width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise bad("PHOTO_INVALID_DIMENSIONS")
        if len(stored.content) > _PHOTO_BYTES:
            raise bad("file is too big")
        longest = max(width, height)
        sides = [side for side in _SIDES if side < longest] + [min(longest, _SIDES[-1])]
        out = []
        for number, side in enumerate(dict.fromkeys(sides)):
            file_id = f"{stored.file_id}{'smxy'[min(number, 3)]}{number}"
            self.alias(stored, file_id)
            out.append({
                "file_id": file_id, "file_unique_id": f"{stored.unique_id}{number}",
                "file_size": len(stored.content) * side // longest or 1,
                "width": max(1, width * side // longest), "height": max(1, height * side // longest),
            })
        return out

    def document(self, stored: Stored, thumbnail: Stored | None) -> dict[str, Any]:
        """Return the document's description."""
        out: dict[str, Any] = {"file_name": stored.name or "file", "mime_type": stored.mime}
        if thumbnail is not None and picture_size(thumbnail.content):
            out["thumbnail"] = self.photo(thumbnail)[0]
        return out | {
            "file_id": stored.file_id, "file_unique_id": stored.unique_id, "file_size": len(stored.content),
        }
