from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from esl_pipeline.cli import esl
from esl_pipeline_tests.docs.documents import DOCUMENTS, PROJECT, code_blocks, code_words, each_document

PROGRAM = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?esl (?P<arguments>.*)$")


def commands_in(lines: list[str]) -> list[list[str]]:
    matches = [PROGRAM.match(line.strip()) for line in lines]
    return [shlex.split(match["arguments"], comments=True) for match in matches if match]


def shell_lines(document: Path) -> list[str]:
    return [line for block in code_blocks(document, "sh") for line in block.splitlines()]


def command_named(words: list[str]) -> tuple[click.Command, list[str]]:
    """Returns the command that the words begin with, and the words after its name."""
    found: click.Command = esl
    context = click.Context(esl)
    while words and isinstance(found, click.Group) and (deeper := found.get_command(context, words[0])):
        found, words = deeper, words[1:]
    return found, words


def parse(arguments: list[str]) -> None:
    """Parses a command line as the program would, without running it; files it names are made up."""
    for word in arguments:
        if word.endswith((".md", ".yaml", ".json")) or word == "FILE":
            Path(word).parent.mkdir(parents=True, exist_ok=True)
            Path(word).touch()
        elif word.endswith("/") and "://" not in word:
            Path(word).mkdir(parents=True, exist_ok=True)
    command, rest = command_named(arguments)
    assert command is not esl, f"{arguments[0]} is no command"
    command.make_context(command.name, rest)


@each_document
def test_every_command_line_is_understood_by_the_program(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in commands_in(shell_lines(document)):
        parse(arguments)


def test_a_command_line_with_an_unknown_option_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(click.UsageError):
        parse(["publish", "my-lesson.md", "--tenant", "t", "--fast"])


@each_document
def test_commands_in_running_text_exist_with_their_options(document: Path) -> None:
    for arguments in commands_in(code_words(document)):
        command, rest = command_named(arguments)
        assert command is not esl, f"esl {arguments[0]}: no such command"
        known = {option for parameter in command.params for option in parameter.opts}
        assert [word for word in rest if word.startswith("-") and word not in known] == []


def test_every_command_is_told_in_the_readme() -> None:
    told = {arguments[0] for arguments in commands_in([*code_words(PROJECT / "README.md")])}
    assert told == set(esl.commands)


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE))


@each_document
def test_every_target_of_make_exists(document: Path) -> None:
    lines = [line for block in code_blocks(document) for line in block.splitlines()]
    asked = [match[1] for text in (*lines, *code_words(document)) if (match := re.match(r"make ([a-z-]+)", text))]
    assert [target for target in asked if target not in make_targets()] == []


def test_every_target_of_make_is_told_in_the_readme() -> None:
    text = "\n".join(code_blocks(PROJECT / "README.md", "sh"))
    assert make_targets() - {"help"} == set(re.findall(r"^make ([a-z-]+)", text, re.MULTILINE))


DAGSTERS = {"dagster", "dagster-webserver", "dagster-daemon"}


def test_every_program_that_the_shell_examples_call_is_known() -> None:
    known = {"make", "cp", "mkdir", "export", "docker", ".venv/bin/esl", "esl", *DAGSTERS}
    called = {line.split()[0] for document in DOCUMENTS for line in shell_lines(document) if line.strip()}
    assert called <= known
