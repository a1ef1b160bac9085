"""What the Office formats share: parts that name each other, in two dialects of the same XML."""

import posixpath
import re
from xml.etree.ElementTree import Element

from orchat.errors import CorruptDocumentError
from orchat.search.parsing.archive import Archive

_NAMESPACE = re.compile(r"^\{[^}]*\}")
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"


def same_names(root: Element) -> Element:
    """The tree with `{main}` in place of every namespace: the strict dialect has other ones than the usual."""
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = _NAMESPACE.sub("{main}", element.tag)
        for name in [name for name, _ in element.items() if name.startswith("{")]:
            element.set(_NAMESPACE.sub("{main}", name), element.get(name, ""))
    return root


def relations(archive: Archive, name: str) -> dict[str, tuple[str, str]]:
    """What a part refers to: the kind of each relation and the part's name, by the relation's id."""
    folder, file = posixpath.split(name)
    rels = posixpath.join(folder, "_rels", f"{file}.rels")
    found = {}
    for relation in archive.xml(rels).iter(_RELATIONS) if rels in archive else ():
        if relation.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
            found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], target)
    return found


def related(archive: Archive, name: str, kind: str) -> list[str]:
    """The parts that a part (the package itself when it is empty) refers to in one way."""
    return [target for relation, target in relations(archive, name).values() if relation == kind]


def core_title(archive: Archive) -> str:
    """The title in a document's properties."""
    for name in related(archive, "", "core-properties"):
        if name in archive:
            try:
                return (archive.xml(name).findtext(f".//{_TITLE}") or "").strip()
            except CorruptDocumentError:
                return ""
    return ""
