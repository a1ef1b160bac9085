"""What the documents promise exists."""

import re

import pytest

from orchat.settings import Settings
from tests.house.tree import ROOT, text_of, tracked_files

# A path or an address that only one machine knows, spelled so that this file does not find itself.
PRIVATE = re.compile(
    "|".join(["/" + "home/", "/" + "root/", "/" + "work/", "pypi.org" + "/simple", "files." + "pythonhosted"])
)
SECTIONS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_no_file_names_a_private_path_or_a_registry_host():
    texts = ((path, text_of(path)) for path in tracked_files())
    found = {str(path.relative_to(ROOT)): PRIVATE.findall(text) for path, text in texts if text}
    assert {name: hits for name, hits in found.items() if hits} == {}


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", ".ci/run"])
def test_every_make_command_of_a_document_exists(document: str):
    text = (ROOT / document).read_text()
    named = set(re.findall(r"(?:^|`|\$ |[0-9] )make (?:--keep-going )?([a-z-]+)", text, re.MULTILINE))
    assert named
    assert named - targets() == set()


def test_every_target_of_the_makefile_is_explained_by_make_help():
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert set(phony.group(1).split()) == targets()


def test_the_changelog_begins_with_an_entry_in_the_usual_form():
    entries = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)[1:]
    heading, *body = entries[0].splitlines()
    assert re.fullmatch(r"\[Unreleased\]|\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", heading)
    sections = re.findall(r"^### (.*)\n+- \S", "\n".join(body), re.MULTILINE)
    assert sections
    assert set(sections) <= SECTIONS
    assert len(sections) == len(re.findall("^### ", "\n".join(body), re.MULTILINE))


def test_the_example_environment_names_every_setting_and_its_default():
    written = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    defaults = {str(field.validation_alias.choices[0]): field.default for field in Settings.model_fields.values()}
    assert written == {name: as_written(default) for name, default in defaults.items()}


def as_written(default: object) -> str:
    if default in (None, ()):
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)
