"""Files in a bucket of Amazon S3 or of anything that speaks its protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from obstore.exceptions import BaseError
from obstore.store import S3Store

from feria_catalog.media.errors import StorageUnavailable
from feria_catalog.media.keys import FOREVER
from feria_catalog.media.storage import Stored, checked

CHUNK_BYTES = 256 * 1024
CONNECT_TIMEOUT = timedelta(seconds=3)
RETRIES = 2


class S3Storage:
    """Files of `bucket`, below `prefix`; a request that takes longer than `timeout_s` seconds has failed."""

    def __init__(
        self,
        bucket: str,
        *,
        access_key_id: str,
        secret_access_key: str,
        region: str,
        endpoint: str | None = None,
        prefix: str = "",
        timeout_s: float = 10.0,
    ) -> None:
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            endpoint=endpoint,
            region=region,
            access_key_id=access_key_id,
            secret_access_key=secret_access_key,
            virtual_hosted_style_request=False,
            client_options={
                "timeout": timedelta(seconds=timeout_s),
                "connect_timeout": CONNECT_TIMEOUT,
                "allow_http": bool(endpoint and endpoint.startswith("http://")),
            },
            retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=timeout_s)},
        )

    async def put(self, key: str, source: Path, *, content_type: str) -> None:
        attributes = {"Content-Type": content_type, "Cache-Control": FOREVER}
        try:
            with _bucket_errors():
                await self._store.put_async(checked(key), source, attributes=attributes)
        except FileNotFoundError as error:
            raise StorageUnavailable("There is no bucket of that name: correct media_s3_bucket.") from error

    async def get(self, key: str) -> Stored | None:
        try:
            with _bucket_errors():
                found = await self._store.get_async(checked(key))
        except FileNotFoundError:
            return None
        return Stored(int(found.meta["size"]), _chunks(found.stream(min_chunk_size=CHUNK_BYTES)))

    async def size(self, key: str) -> int | None:
        try:
            with _bucket_errors():
                return int((await self._store.head_async(checked(key)))["size"])
        except FileNotFoundError:
            return None

    async def delete(self, key: str) -> None:
        try:
            with _bucket_errors():
                await self._store.delete_async(checked(key))
        except FileNotFoundError:
            return

    async def keys(self, prefix: str = "") -> AsyncIterator[str]:
        with _bucket_errors():
            async for batch in self._store.list(checked(prefix) if prefix else None):
                for found in batch:
                    yield str(found["path"])

    async def tidy(self) -> None:
        """Nothing is left behind: an object is written with one request."""


async def _chunks(stream: AsyncIterator[object]) -> AsyncIterator[bytes]:
    with _bucket_errors():
        async for chunk in stream:
            yield bytes(chunk)  # type: ignore[call-overload]


@contextmanager
def _bucket_errors() -> Iterator[None]:
    """Missing objects stay FileNotFoundError; whatever else the bucket says is not the caller's fault."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise StorageUnavailable from error
