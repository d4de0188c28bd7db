"""Settings of pictures: where they are kept and how large an upload may be."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from feria_core.errors import StartRefused
from feria_core.module import ModuleSettings

PREFIX = "FERIA_CATALOG__"


class MediaSettings(ModuleSettings):
    """The part `media_*` of the table `[modules.catalog.settings]`."""

    media_storage: Annotated[
        Literal["local", "s3"], Field(description="`local` is core's media_dir, `s3` a bucket")
    ] = "local"
    media_max_bytes: Annotated[
        int, Field(ge=1024, le=100 * 1024**2, description="Largest uploaded or fetched picture, bytes")
    ] = 10 * 1024**2
    media_processes: Annotated[
        int, Field(ge=1, le=16, description="Pictures that one web or worker process has made at the same time")
    ] = 2
    media_grace_hours: Annotated[
        int, Field(ge=1, le=8760, description="How long a file that nothing refers to is kept, hours")
    ] = 24
    media_public_url: Annotated[
        str | None,
        Field(pattern=r"^https?://[^/?#\s]+[^?#\s]*$", description="Base under which a CDN serves the stored files"),
    ] = None
    media_s3_bucket: Annotated[str | None, Field(min_length=3, max_length=63, description="The bucket")] = None
    media_s3_endpoint: Annotated[
        str | None, Field(pattern=r"^https?://[^/?#\s]+[^?#\s]*$", description="None: Amazon's own")
    ] = None
    media_s3_region: Annotated[str, Field(min_length=1, max_length=50, description="Its region")] = "us-east-1"
    media_s3_prefix: Annotated[
        str,
        Field(pattern=r"^(?:[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*)?$", max_length=200, description="Folder in the bucket"),
    ] = ""
    media_s3_timeout_s: Annotated[float, Field(gt=0, le=60, description="Longest request to S3, seconds")] = 10.0
    media_s3_access_key_id: SecretStr | None = Field(default=None, description="The id of the key to the bucket")
    media_s3_secret_access_key: SecretStr | None = Field(default=None, description="And its secret")

    def s3_access(self) -> tuple[str, str, str]:
        """Return bucket, access key and secret key. Raises StartRefused naming what is missing."""
        if not self.media_s3_bucket:
            raise StartRefused(
                "media_storage of [modules.catalog.settings] is 's3' without a bucket: set media_s3_bucket"
            )
        return (
            self.media_s3_bucket,
            _needed(self.media_s3_access_key_id, "MEDIA_S3_ACCESS_KEY_ID"),
            _needed(self.media_s3_secret_access_key, "MEDIA_S3_SECRET_ACCESS_KEY"),
        )

    def check_media(self) -> None:
        """Raise StartRefused where the chosen storage cannot work with these settings."""
        if self.media_storage == "s3":
            self.s3_access()


def _needed(secret: SecretStr | None, name: str) -> str:
    value = secret.get_secret_value() if secret else ""
    if not value:
        raise StartRefused(
            f"media_storage of [modules.catalog.settings] is 's3' without its keys: set {PREFIX}{name} "
            f"or {PREFIX}{name}_FILE, or choose 'local'"
        )
    return value
