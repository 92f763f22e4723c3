"""The languages of Notion's code blocks: a closed list, and what authors call them."""

from __future__ import annotations

from collections.abc import Mapping

PLAIN = "plain text"

LANGUAGES = frozenset(
    """
    abap abc agda arduino assembly bash basic bnf c c# c++ clojure coffeescript coq css dart dhall diff docker
    ebnf elixir elm erlang f# flow fortran gherkin glsl go graphql groovy haskell hcl html idris java
    javascript json julia kotlin latex less lisp livescript lua makefile markdown markup matlab mathematica
    mermaid nix objective-c ocaml pascal perl php powershell prolog protobuf purescript python r racket reason
    ruby rust sass scala scheme scss shell smalltalk solidity sql swift toml typescript vb.net verilog vhdl
    webassembly xml yaml
    """.split()  # noqa: SIM905
) | {PLAIN, "ascii art", "llvm ir", "notion formula", "visual basic", "java/c/c++/c#"}
"""All that Notion takes. Source: OpenAPI of 2026-03-11, ``languageRequest``, read 2026-11-24."""

ALIASES: Mapping[str, str] = {
    "asm": "assembly",
    "bat": "powershell",
    "cc": "c++",
    "clj": "clojure",
    "coffee": "coffeescript",
    "console": "shell",
    "cpp": "c++",
    "cs": "c#",
    "csharp": "c#",
    "dockerfile": "docker",
    "ex": "elixir",
    "fs": "f#",
    "fsharp": "f#",
    "golang": "go",
    "hs": "haskell",
    "htm": "html",
    "js": "javascript",
    "jsx": "javascript",
    "kt": "kotlin",
    "make": "makefile",
    "md": "markdown",
    "node": "javascript",
    "objc": "objective-c",
    "objectivec": "objective-c",
    "pl": "perl",
    "plain": PLAIN,
    "plaintext": PLAIN,
    "proto": "protobuf",
    "ps1": "powershell",
    "py": "python",
    "python3": "python",
    "rb": "ruby",
    "rs": "rust",
    "sh": "shell",
    "svg": "xml",
    "terraform": "hcl",
    "tex": "latex",
    "text": PLAIN,
    "tf": "hcl",
    "ts": "typescript",
    "tsx": "typescript",
    "txt": PLAIN,
    "vb": "visual basic",
    "wasm": "webassembly",
    "yml": "yaml",
    "zsh": "shell",
}
"""Short names that highlighters know, with Notion's name."""


def notion_language(word: str) -> str:
    """Returns Notion's name of the language that an author named; plain text for one that Notion does not know."""
    name = word.strip().lower()
    return ALIASES.get(name, name) if is_language(name) else PLAIN


def is_language(word: str) -> bool:
    """Tells whether Notion knows the language that an author named, in lower case."""
    return ALIASES.get(word, word) in LANGUAGES
