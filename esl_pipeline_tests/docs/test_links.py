from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from esl_pipeline_tests.docs.documents import DOCUMENTS, PROJECT, anchors, each_document, links


@each_document
def test_every_link_to_a_file_of_the_project_leads_to_one(document: Path) -> None:
    broken = []
    for address in links(document):
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        target = (document.parent / unquote(parts.path)).resolve() if parts.path else document
        if not target.exists() or not target.is_relative_to(PROJECT):
            broken.append(f"{address}: there is no such file")
        elif parts.fragment and unquote(parts.fragment) not in anchors(target):
            broken.append(f"{address}: {target.name} has no such heading")
    assert broken == []


@each_document
def test_every_other_link_is_encrypted_or_leads_to_this_machine(document: Path) -> None:
    foreign = [urlsplit(address) for address in links(document) if urlsplit(address).scheme]
    assert [p.geturl() for p in foreign if p.scheme != "https" and p.hostname != "127.0.0.1"] == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, ahead = set(), [PROJECT / "README.md"]
    while ahead:
        document = ahead.pop()
        if document in reached or document.suffix != ".md" or not document.is_file():
            continue
        reached.add(document)
        paths = [urlsplit(address) for address in links(document)]
        ahead += [(document.parent / unquote(p.path)).resolve() for p in paths if p.path and not p.scheme]
    assert [str(page) for page in DOCUMENTS if page not in reached] == []


def test_every_decision_is_listed() -> None:
    decisions = PROJECT / "docs" / "decisions"
    listed = {address for address in links(decisions / "README.md") if address[0].isdigit()}
    assert listed == {page.name for page in decisions.glob("[0-9]*.md")}
