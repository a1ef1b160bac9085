"""What keeps a document from being searched."""

from orchat.errors.base import OrchatError


class DocumentError(OrchatError):
    """A document cannot be read; the others can."""

    advice = "Open the file in the program it was made with, save it again, and add the new one."


class EncryptedDocumentError(DocumentError):
    """The document opens with a password only."""

    advice = "Save a copy without the password, and add that."


class EmptyDocumentError(DocumentError):
    """The file holds nothing."""

    advice = "Look whether it was saved or downloaded completely."


class NoTextError(DocumentError):
    """The document has pages or pictures, and no text in them."""

    advice = "Run it through text recognition (OCR) and add the result, or show the model the picture itself."


class CorruptDocumentError(DocumentError):
    """The file is damaged, or not what it begins like."""


class UnknownFormatError(DocumentError):
    """The file is of a kind that orchat does not read."""

    advice = "Save it as PDF, DOCX, HTML or plain text, and add that."


class DocumentTooLargeError(DocumentError):
    """The file, or what is packed in it, is larger than a document may be."""

    advice = "Split it, and add the parts that you need."


class ParsingTimeoutError(DocumentError):
    """Reading the file took longer than it may."""

    advice = "Split it, or save it in another format, and add that."


class AttachmentError(OrchatError):
    """A file cannot go with a message of the chat; the message says which, and why."""

    advice = "Leave it out, or add another one."
