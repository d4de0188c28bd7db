"""The storage of this deployment."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from feria_catalog.media.settings import MediaSettings
from feria_catalog.media.storage import Storage
from feria_catalog.settings import CatalogSettings
from feria_core.runtime import core_settings, settings


def storage() -> Storage:
    """Return the disk or the bucket that the settings choose."""
    return _made(settings(CatalogSettings), core_settings().media_dir)


@lru_cache(maxsize=4)
def _made(chosen: MediaSettings, media_dir: Path) -> Storage:
    if chosen.media_storage == "local":
        from feria_catalog.media.storage.local import LocalStorage

        return LocalStorage(media_dir)
    from feria_catalog.media.storage.s3 import S3Storage

    bucket, access_key_id, secret_access_key = chosen.s3_access()
    return S3Storage(
        bucket,
        access_key_id=access_key_id,
        secret_access_key=secret_access_key,
        region=chosen.media_s3_region,
        endpoint=chosen.media_s3_endpoint,
        prefix=chosen.media_s3_prefix,
        timeout_s=chosen.media_s3_timeout_s,
    )
