"""The web pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from flask import Flask, Response, abort, render_template, request, send_file

from esl_pipeline.sandbox.viewer.costs import requests_by_page
from esl_pipeline.sandbox.viewer.drawing import Drawing, no_tools
from esl_pipeline.sandbox.viewer.editing import add_editing, tools
from esl_pipeline.sandbox.viewer.links import bare_id, captions_address, dashed_id, file_address
from esl_pipeline.sandbox.viewer.ports import Json, NotionPages, RequestLog
from esl_pipeline.sandbox.viewer.properties import icon_of, key_of, properties_of, title_of
from esl_pipeline.sandbox.viewer.tree import Node, grow, headings, walk

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "img-src http: https: data:",
        "media-src http: https:",
        "script-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""No script runs but the player's, whatever a lesson contains."""


@dataclass(frozen=True)
class Row:
    """A page in the list; ``requests`` counts those to Notion, ``created`` is UTC."""

    page_id: str
    icon: str
    title: str
    key: str
    created: str
    requests: int
    has_audio: bool
    in_trash: bool


def make_viewer(
    notion: NotionPages, log: RequestLog, read_upload: Callable[[str], bytes | None] = lambda _: None
) -> Flask:
    """Makes the viewer's application.

    Args:
        notion: the pages.
        log: the requests so far.
        read_upload: returns what is stored under an address; None where it is not one of the sandbox's own files.
    """
    app = Flask(__name__)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @app.get("/")
    def all_pages() -> str:
        return render_template("pages.html", rows=_rows(notion, log))

    @app.get("/pages/<page_id>")
    def one_page(page_id: str) -> str | tuple[str, int]:
        page = notion.page(dashed_id(page_id))
        if page is None:
            return render_template("not_found.html", what=f"There is no page {page_id}."), 404
        return _page(app, notion, page)

    @app.get("/pages/<page_id>/edit")
    def edited_page(page_id: str) -> str | tuple[str, int]:
        page = notion.page(dashed_id(page_id))
        if page is None:
            return render_template("not_found.html", what=f"There is no page {page_id}."), 404
        return _page(app, notion, page, editing=True)

    @app.get("/files/<upload_id>/<name>")
    def file(upload_id: str, name: str) -> Response:
        """Gives an uploaded file to whoever has an address that Notion gave and that has not ended."""
        found = notion.file(dashed_id(upload_id), request.args.get("ends", ""), request.args.get("signature", ""))
        if found is None:
            abort(403)
        return send_file(BytesIO(found.content), found.content_type, download_name=name, conditional=True)

    @app.get("/captions")
    def captions() -> Response:
        """Gives captions from the viewer's own address, as browsers want them beside audio from another one."""
        found = read_upload(request.args.get("of", ""))
        if found is None:
            abort(404)
        return Response(found, content_type="text/vtt; charset=utf-8")

    add_editing(app, notion)

    @app.errorhandler(404)
    def nothing_here(_: Exception) -> tuple[str, int]:
        return render_template("not_found.html", what="There is nothing at this address."), 404

    return app


def _page(app: Flask, notion: NotionPages, page: Json, *, editing: bool = False) -> str:
    nodes = grow(notion, page["id"])
    page_id = bare_id(page["id"])
    drawn_with = tools(app, page_id) if editing else no_tools
    return render_template(
        "page.html",
        title=title_of(page),
        icon=icon_of(page),
        icon_address=file_address(page.get("icon")),
        has_cover=bool(page.get("cover")),
        cover=file_address(page.get("cover")),
        properties=properties_of(page, notion),
        body=Drawing(app, headings(nodes), drawn_with).blocks(nodes),
        page_id=page_id,
        editing=editing,
        captioned=any(node.type == "audio" and captions_address(node.content.get("caption")) for node in walk(nodes)),
    )


def _rows(notion: NotionPages, log: RequestLog) -> list[Row]:
    pages = [(page, grow(notion, page["id"])) for page in notion.pages()]
    page_of = {bare: bare_id(page["id"]) for page, nodes in pages for bare in _ids(page, nodes)}
    counted = requests_by_page(log.entries(), page_of)
    return [_row(page, nodes, counted[bare_id(page["id"])]) for page, nodes in pages]


def _row(page: Json, nodes: tuple[Node, ...], requests: int) -> Row:
    return Row(
        page_id=bare_id(page["id"]),
        icon=icon_of(page),
        title=title_of(page),
        key=key_of(page),
        created=str(page.get("created_time", ""))[:16].replace("T", " "),
        requests=requests,
        has_audio=any(node.type == "audio" for node in walk(nodes)),
        in_trash=bool(page.get("in_trash")),
    )


def _ids(page: Json, nodes: tuple[Node, ...]) -> set[str]:
    """Returns the ids that belong to a page; blocks seen through a synced copy belong to the original's."""
    return {bare_id(page["id"])} | {node.block_id for node in walk(nodes) if node.anchor}
