"""What is refused of pictures, and why."""

from __future__ import annotations

from feria_core.errors import Conflict, FeriaError, Unavailable
from feria_core.http.bodies import UnsupportedMediaType

__all__ = [
    "AddressNotPublic",
    "ImageNotFetched",
    "ImageTooLarge",
    "NotAnImage",
    "StorageUnavailable",
    "TooManyMedia",
    "UnsafeFileName",
    "UnsafeImage",
    "UnsupportedMediaType",
]


class NotAnImage(FeriaError):
    """The file begins like a picture, but none can be read from it."""

    code, status, title = "not_an_image", 422, "The picture cannot be read"


class ImageTooLarge(FeriaError):
    """More pixels than are taken, or more work than a picture may cost."""

    code, status, title = "image_too_large", 422, "The picture has too many pixels"


class UnsafeImage(FeriaError):
    """The file is a picture and something else at once."""

    code, status, title = "unsafe_image", 422, "The file holds more than a picture"


class UnsafeFileName(FeriaError):
    """The name of an uploaded file leads out of its folder; names are never used, but nobody honest sends this one."""

    code, status, title = "unsafe_file_name", 422, "The file's name is a path"


class TooManyMedia(Conflict):
    """The product has as many pictures as it may have."""

    code, title = "too_many_media", "The product has too many pictures"


class StorageUnavailable(Unavailable):
    """The disk or bucket of pictures does not answer, or is full."""

    code, title = "storage_unavailable", "Pictures cannot be stored or read now"

    def __init__(self, detail: str = "The storage of pictures does not answer: try again in a moment.") -> None:
        super().__init__(detail, headers={"Retry-After": "5"})


class ImageNotFetched(FeriaError):
    """The address of a picture gave none."""

    code, status, title = "image_not_fetched", 422, "The picture's address gave none"


class AddressNotPublic(FeriaError):
    """The address of a picture leads into a network of our own."""

    code, status, title = "address_not_public", 422, "The picture's address is not public"
