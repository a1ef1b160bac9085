"""Documents that are zip archives, opened only when what they unpack to is within bounds."""

import io
import lzma
import struct
import zipfile
import zlib
from typing import Self
from xml.etree import ElementTree as ET

from orchat.errors import CorruptDocumentError, DocumentTooLargeError, EncryptedDocumentError
from orchat.search.parsing.limits import MB, ParseLimits

_SMALL = 10 * MB
"""What may always unpack: a sheet of zeros packs a thousandfold and harms nobody."""
_ENCRYPTED = 0x1
BROKEN = (
    *(zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError),
    *(zlib.error, lzma.LZMAError, struct.error),
)
"""What zipfile raises over an archive that is damaged."""


class Archive:
    """The members of a zip archive, by name."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed
        self.names = tuple(packed.namelist())

    @classmethod
    def open(cls, data: bytes, limits: ParseLimits) -> Self:
        """Look at the directory of an archive before anything is unpacked.

        Raises:
            DocumentTooLargeError: it would unpack to too much.
            EncryptedDocumentError: a member is encrypted.
            CorruptDocumentError: there is no directory to read.
        """
        try:
            packed = zipfile.ZipFile(io.BytesIO(data))
        except BROKEN as error:
            raise CorruptDocumentError(
                "The file is damaged: it is a package whose list of contents is broken."
            ) from error
        members = packed.infolist()
        expanded = sum(member.file_size for member in members)
        if len(members) > limits.members or expanded > limits.expanded:
            raise DocumentTooLargeError(
                f"The file would unpack to {expanded // MB:,} MB in {len(members):,} parts; "
                f"at most {limits.expanded // MB:,} MB in {limits.members:,} are read."
            )
        if expanded > max(_SMALL, limits.ratio * len(data)):
            raise DocumentTooLargeError(
                f"The file unpacks to {expanded // len(data):,} times its size, as a bomb does."
            )
        if any(member.flag_bits & _ENCRYPTED for member in members):
            raise EncryptedDocumentError("The document opens with a password only.")
        return cls(packed)

    def __contains__(self, name: str) -> bool:
        return name in self._packed.NameToInfo

    def read(self, name: str) -> bytes:
        """Unpack a member.

        Raises:
            CorruptDocumentError: it is not there, or damaged.
        """
        try:
            return self._packed.read(name)
        except (KeyError, *BROKEN) as error:
            raise CorruptDocumentError(f"The file is damaged: its part “{name}” cannot be unpacked.") from error

    def xml(self, name: str) -> ET.Element:
        """Unpack a member that is XML. Expat fetches nothing from elsewhere, and bounds how far entities expand.

        Raises:
            CorruptDocumentError: it is not there, or damaged.
        """
        try:
            return ET.fromstring(self.read(name))  # noqa: S314 - see above; and this is the reading process
        except (ET.ParseError, ValueError) as error:
            raise CorruptDocumentError(f"The file is damaged: its part “{name}” is no XML.") from error

    def size(self, name: str) -> int:
        """Bytes that a member unpacks to; 0 if it is not there."""
        member = self._packed.NameToInfo.get(name)
        return member.file_size if member else 0
