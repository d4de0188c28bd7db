"""A frontend at `/`: built files, served from memory beside the API whose paths come first.

What nothing else serves is answered with `index.html` where a person looks for a page, so that an address deep
inside a single-page application works when it is opened or reloaded.
"""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from quart import Blueprint, Quart, Response, abort, request

from feria_core.config import NO_FRONTEND, STOREFRONT
from feria_core.errors import StartRefused
from feria_core.http.responses import etag_of, matches

INDEX = "index.html"
SHIPPED = Path(__file__).parent.parent / "storefront"
# Scripts and styles are the frontend's own files; pictures may lie on a storage of another host.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Names under here carry a hash of the content, as Vite and its like write them.
HASHED = "assets/"
FOREVER = "public, max-age=31536000, immutable"
LOOK_AGAIN = "no-cache"
LARGEST_BYTES = 32 * 1024 * 1024
WORTH_PACKING = ("text/", "application/javascript", "application/json", "image/svg+xml")
# Never a page of the frontend, also where nothing is there: a program asks.
APART = ("/api/", "/admin", "/media/", "/docs", "/dev/", "/.well-known/")


@dataclass(frozen=True)
class File:
    """A file in memory, and as gzip where that is smaller."""

    body: bytes
    packed: bytes | None
    content_type: str
    etag: str
    cache_control: str


def install(app: Quart, frontend: str | None) -> None:
    """Serve `frontend`: the shipped storefront, a folder with an index.html, or nothing.

    Raises StartRefused for a folder that is none.
    """
    folder = folder_of(frontend)
    if folder is None:
        return
    files = read(folder)
    blueprint = Blueprint("frontend", __name__)

    @blueprint.get("/")
    async def home() -> Response:
        return answer(files[INDEX])

    @blueprint.get(f"/{HASHED}<path:name>")
    async def asset(name: str) -> Response:
        found = files.get(HASHED + name)
        if found is None:
            abort(404)
        return answer(found)

    app.register_blueprint(blueprint)
    app.extensions["feria.frontend"] = files


def page_for(app: Quart) -> Response | None:
    """Return what the frontend has for a request that nothing else serves, or None."""
    files: dict[str, File] | None = app.extensions.get("feria.frontend")
    if files is None or request.method not in {"GET", "HEAD"} or request.path.startswith(APART):
        return None
    found = files.get(request.path.removeprefix("/"))
    if found is not None:
        return answer(found)
    wants_page = "text/html" in request.headers.get("Accept", "")
    is_file = "." in PurePosixPath(request.path).name
    return answer(files[INDEX]) if wants_page and not is_file else None


def folder_of(frontend: str | None) -> Path | None:
    """Return the folder that the setting names, None for no frontend."""
    if frontend is None or frontend == NO_FRONTEND:
        return None
    return SHIPPED if frontend == STOREFRONT else Path(frontend)


def read(folder: Path) -> dict[str, File]:
    """Return the files below `folder` by their path. Raises StartRefused without an index.html, or far too much."""
    if not (folder / INDEX).is_file():
        raise StartRefused(
            f"[core] frontend names {folder}, where there is no {INDEX}: name the folder of a built frontend, "
            f"'{STOREFRONT}' or '{NO_FRONTEND}'"
        )
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    size = sum(path.stat().st_size for path in paths)
    if size > LARGEST_BYTES:
        raise StartRefused(
            f"[core] frontend names {folder}, which holds {size // 1024**2} MiB: it is served from memory, "
            f"at most {LARGEST_BYTES // 1024**2} MiB; serve it from a web server of its own"
        )
    return {path.relative_to(folder).as_posix(): _file(path, folder) for path in paths}


def answer(file: File) -> Response:
    """Return the answer to this request: packed where the client takes that, 304 where it has the file."""
    is_packed = file.packed is not None and "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(file.packed if is_packed else file.body, content_type=file.content_type)
    etag = file.etag
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
        etag = f'{etag[:-1]}-gz"'  # other bytes, so another strong tag
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = file.cache_control
    response.headers["Content-Security-Policy"] = CSP
    if matches(request.headers.get("If-None-Match"), etag):
        response.status_code = 304
        response.set_data(b"")
    return response


def _file(path: Path, folder: Path) -> File:
    body = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    kind = {"text/javascript": "application/javascript"}.get(kind, kind)
    packed = gzip.compress(body, mtime=0) if kind.startswith(WORTH_PACKING) else None
    return File(
        body=body,
        packed=packed if packed is not None and len(packed) < len(body) else None,
        content_type=f"{kind}; charset=utf-8" if kind.startswith(WORTH_PACKING) else kind,
        etag=etag_of(body),
        cache_control=FOREVER if path.relative_to(folder).as_posix().startswith(HASHED) else LOOK_AGAIN,
    )
