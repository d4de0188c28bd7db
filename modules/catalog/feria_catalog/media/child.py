"""The process that touches pictures: it decodes one, writes it anew, says in one line of JSON what became of it.

`python -m feria_catalog.media.child TASK`, where TASK is JSON. It has no secrets in its environment, no database,
and little memory and time; whatever a hostile file does to a decoder ends with this process.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps, features

from feria_catalog.media import containers, limits

WEBP = {"quality": 82, "method": 4}
# Speed 8 of 10: 0.8 s for 1280 x 960 pixels of noise, half of what 6 takes, for 2 percent more bytes.
AVIF = {"quality": 60, "speed": 8, "max_threads": 1}
ENCODERS: dict[str, tuple[str, dict[str, Any]]] = {
    "webp": ("WEBP", WEBP),
    "avif": ("AVIF", AVIF),
    "png": ("PNG", {}),
    "jpg": ("JPEG", {"quality": 82}),
}
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
DEEP = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")


class Refused(Exception):
    """The picture is not taken: `reason` is unsupported, broken, unsafe or too_large."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def prepare(source: Path, folder: Path, widths: list[int]) -> dict[str, Any]:
    """Write `original.webp` and each width as WebP and, where Pillow has it, AVIF into `folder`; return sizes."""
    picture = _standard(_opened(source))
    _save(picture, folder / "original.webp")
    kinds = ["webp", "avif"] if features.check("avif") else ["webp"]
    _save_widths(picture, folder, widths, kinds)
    return {"width": picture.width, "height": picture.height, "kinds": kinds}


def scale(source: Path, folder: Path, widths: list[int], kind: str) -> dict[str, Any]:
    """Write each width of a stored original as `kind` into `folder`."""
    with Image.open(source) as opened:
        picture = _to_rgb(opened, None)
    picture.info = {}
    _save_widths(picture, folder, widths, [kind])
    return {"width": picture.width, "height": picture.height, "kinds": [kind]}


def _opened(source: Path) -> Image.Image:
    """Return the first frame, decoded, of a file that is a picture and nothing else. Raises Refused."""
    data = source.read_bytes()
    kind = containers.kind_of(data)
    if kind is None:
        raise Refused("unsupported", "The file is no JPEG, PNG, WebP, GIF or AVIF: export the picture as one of them.")
    try:
        if kind == "WEBP" and (size := containers.webp_size(data)):
            _check_size(*size)
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        _check_size(*picture.size)
        _check_content(data, kind)
        picture.draft(picture.mode, (limits.STORED_SIDE_PX, limits.STORED_SIDE_PX))
        picture.load()
    except (Refused, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise Refused("too_large", _size_limit()) from error
    except Exception as error:  # whatever a decoder raises over a damaged file, the answer is the same
        traceback.print_exc()
        raise Refused("broken", f"The {kind} is damaged or ends too early: export the picture anew.") from error
    return picture


def _check_content(data: bytes, kind: str) -> None:
    if not containers.is_picture_only(data, kind):
        raise Refused(
            "unsafe", f"The file is a {kind} with something else in it or behind it: export the picture anew."
        )


def _check_size(width: int, height: int) -> None:
    if width > limits.SIDE_PX or height > limits.SIDE_PX or width * height > limits.PIXELS:
        raise Refused("too_large", f"The picture has {width} x {height} pixels. {_size_limit()}")


def _size_limit() -> str:
    return f"At most {limits.SIDE_PX} a side and {limits.PIXELS // 10**6} megapixels are taken: make it smaller."


def _standard(picture: Image.Image) -> Image.Image:
    """Return the picture upright, in sRGB with eight bits, at most as large as originals are, without metadata."""
    profile = picture.info.get("icc_profile")
    if picture.mode not in ("RGB", "RGBA", "L", "CMYK") or "transparency" in picture.info:
        picture, profile = _to_rgb(picture, None), profile if picture.mode in ("P", "PA") else None
    picture.thumbnail((limits.STORED_SIDE_PX, limits.STORED_SIDE_PX), Image.Resampling.LANCZOS, reducing_gap=3.0)
    with contextlib.suppress(Exception):  # a damaged EXIF block turns nothing
        picture = ImageOps.exif_transpose(picture)
    picture = _to_rgb(picture, profile)
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")
    # What is in `info` would be written into the new file.
    picture.info = {}
    return picture


def _to_rgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture as RGB or RGBA, out of its colour profile where that can be used."""
    if picture.mode in DEEP:
        # Sixteen bits: the upper eight are kept. Pillow by itself would cut off all above 255.
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    has_alpha = "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA", "La", "RGBa")
    if has_alpha:
        picture = picture.convert("RGBA")
    elif picture.mode not in ("RGB", "L", "CMYK"):
        picture = picture.convert("RGB")
    alpha = picture.getchannel("A") if has_alpha else None
    flat = _to_srgb(picture.convert("RGB") if has_alpha else picture, profile)
    if alpha is not None:
        flat.putalpha(alpha)
    return flat


def _to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            changed = ImageCms.profileToProfile(picture, given, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if changed is not None:
                return changed
    return picture.convert("RGB")


def _save_widths(picture: Image.Image, folder: Path, widths: list[int], kinds: list[str]) -> None:
    """Write the picture at each width, never wider than it is."""
    as_it_is: dict[str, Path] = {}
    for width in widths:
        narrow = picture
        if picture.width > width:
            height = max(1, round(picture.height * width / picture.width))
            narrow = picture.resize((width, height), Image.Resampling.LANCZOS)
        for kind in kinds:
            target = folder / f"{width}.{kind}"
            if narrow is picture and kind in as_it_is:
                shutil.copyfile(as_it_is[kind], target)
                continue
            _save(narrow, target)
            if narrow is picture:
                as_it_is[kind] = target


def _save(picture: Image.Image, target: Path) -> None:
    name, options = ENCODERS[target.suffix[1:]]
    picture.info = {}
    (picture.convert("RGB") if name == "JPEG" else picture).save(target, name, **options)


def _bound() -> None:
    """Let the system end this process where a picture takes too much."""
    Image.MAX_IMAGE_PIXELS = limits.PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        import resource
    except ImportError:  # not on Windows; the caller's clock ends it there
        return
    for name, most in (
        (resource.RLIMIT_AS, limits.PROCESS_BYTES),
        (resource.RLIMIT_CPU, limits.PROCESS_CPU_S),
        (resource.RLIMIT_FSIZE, limits.WRITTEN_FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # a stricter limit is set already
            resource.setrlimit(name, (most, most))


def main() -> None:
    """Do the task of the command line."""
    task = json.loads(sys.argv[1])
    _bound()
    source, folder, widths = Path(task["source"]), Path(task["folder"]), task["widths"]
    try:
        done = scale(source, folder, widths, task["kind"]) if "kind" in task else prepare(source, folder, widths)
    except Refused as refusal:
        done = {"refused": refusal.reason, "detail": refusal.detail}
    except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        done = {"refused": "too_large", "detail": _size_limit()}
    sys.stdout.write(json.dumps(done))


if __name__ == "__main__":
    main()
