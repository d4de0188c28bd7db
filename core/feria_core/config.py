"""Settings of a deployment: plugins.toml, overridden by the environment; secrets from the environment only."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from feria_core.errors import StartRefused

ENV_PREFIX = "FERIA_"
# Values of the setting `frontend` that name no folder.
NO_FRONTEND, STOREFRONT = "none", "storefront"

S = TypeVar("S", bound=BaseModel)


class CoreSettings(BaseModel):
    """The table `[core]` of plugins.toml; `FERIA_CORE__NAME` overrides `name`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shop_name: str = Field(default="Feria", description="The name in mails")
    public_url: Annotated[
        str,
        Field(
            pattern=r"^https?://[^/]+(/.*)?$",
            description="Where people reach the shop: the base of every link in a mail",
        ),
    ] = "http://localhost:8000"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217 code of prices")] = "USD"
    locales: tuple[str, ...] = Field(
        default=("en", "es"), description="Languages of answers and mails; the first is used where no other fits"
    )
    cors_origins: tuple[str, ...] = Field(default=(), description="Origins of frontends; empty: no other origin")
    trusted_proxies: tuple[str, ...] = Field(default=(), description="Networks whose X-Forwarded-For is believed")
    max_body_bytes: Annotated[int, Field(ge=1024, description="Largest JSON body")] = 1024 * 1024
    statement_timeout_ms: Annotated[int, Field(ge=100, le=600_000, description="Longest statement")] = 10_000
    lock_timeout_ms: Annotated[int, Field(ge=100, le=600_000, description="Longest wait for a row lock")] = 5_000
    pool_size: Annotated[int, Field(ge=1, le=200, description="Database connections of one process")] = 16
    requests_at_once: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None,
        description="Requests for carts that one process works on at a time, the others in turn; unset it is 2 where "
        "the database is on this machine, else 8",
    )
    pool_wait_s: Annotated[float, Field(gt=0, le=60, description="Longest wait for a connection; then 503")] = 10.0
    pgbouncer: bool = Field(default=False, description="True behind PgBouncer in transaction mode")
    cache_max_bytes: Annotated[int, Field(ge=0, description="Memory of the response cache; 0 switches it off")] = (
        16 * 1024 * 1024
    )
    slow_query_ms: Annotated[int, Field(ge=1, description="Statements that take longer are logged")] = 500
    log_format: Annotated[
        str, Field(pattern="^(json|console)$", description="`json`, one object a line, or `console` for a person")
    ] = "json"
    log_level: Annotated[
        str, Field(pattern="^(debug|info|warning|error)$", description="`debug`, `info`, `warning` or `error`")
    ] = "info"
    mail_from: str = Field(default="Feria <shop@localhost.localdomain>", description="Sender of every mail")
    smtp_host: str = Field(default="localhost", description="The mail server")
    smtp_port: Annotated[int, Field(ge=1, le=65535, description="Its port")] = 25
    smtp_tls: Annotated[
        str, Field(pattern="^(none|starttls|tls)$", description="`none`, `starttls` (mostly 587) or `tls` (mostly 465)")
    ] = "none"
    smtp_user: str | None = Field(default=None, description="For mail servers that want a sign-in")
    smtp_password: SecretStr | None = Field(default=None, description="Likewise")
    smtp_timeout_s: Annotated[float, Field(gt=0, le=120, description="Longest wait for the mail server")] = 20.0
    dev_mailbox: Path | None = Field(
        default=None, description="Folder of the development mailbox; only `feria run` sets it"
    )
    frontend: str | None = Field(
        default=None,
        description="What is served at /: `storefront` (the shipped one), the folder of a built frontend, or `none`; "
        "unset it is `storefront` with `feria run`, else `none`",
    )
    media_dir: Path = Field(default=Path(".feria/media"), description="Folder of uploaded and generated images")


@dataclass(frozen=True)
class ModuleEntry:
    """One `[modules.<name>]` table: whether it runs here, a version range, raw settings."""

    name: str
    enabled: bool
    version: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Config:
    """All that a process knows of its deployment before it loads a module."""

    core: CoreSettings
    modules: Mapping[str, ModuleEntry]
    database_url: str
    redis_url: str
    source: str = "plugins.toml"
    environment: Mapping[str, str] = field(default_factory=dict)
    # Past PgBouncer, for what needs a session of its own: hearing of stale answers, and migrations.
    direct_url: str = ""

    @property
    def session_url(self) -> str:
        """Return the database for a session of its own: DATABASE_DIRECT_URL where it is set."""
        return self.direct_url or self.database_url

    @property
    def can_listen(self) -> bool:
        """True where NOTIFY arrives: PgBouncer in transaction mode takes LISTEN and delivers nothing."""
        return bool(self.direct_url) or not self.core.pgbouncer


def load_config(
    plugins_file: Path, *, environment: Mapping[str, str] | None = None, database_url: str = "", redis_url: str = ""
) -> Config:
    """Return the deployment's configuration.

    `database_url` and `redis_url` are used where the environment's `DATABASE_URL` and `REDIS_URL` are unset.
    Raises StartRefused naming the file, the key and the way out.
    """
    env = dict(os.environ if environment is None else environment)
    document = _read_toml(plugins_file)
    unknown = set(document) - {"core", "modules"}
    if unknown:
        raise StartRefused(
            f"{plugins_file}: unknown table '{min(unknown)}': only [core] and [modules.<name>] are known; remove it"
        )
    for table in ("core", "modules"):
        if not isinstance(document.get(table, {}), dict):
            raise StartRefused(f"{plugins_file}: '{table}' is {document[table]!r}: make it a table, not a value")
    core = parse_settings(
        CoreSettings,
        _with_environment("core", document.get("core", {}), CoreSettings, env),
        f"[core] of {plugins_file}",
    )
    return Config(
        core=core,
        modules=_module_entries(document.get("modules", {}), plugins_file),
        database_url=_secret(env, "DATABASE_URL") or database_url,
        redis_url=_secret(env, "REDIS_URL") or redis_url,
        source=str(plugins_file),
        environment=env,
        direct_url=_secret(env, "DATABASE_DIRECT_URL") or "",
    )


def module_settings(config: Config, name: str, model: type[BaseModel]) -> BaseModel:
    """Return the validated settings of module `name`. Raises StartRefused naming the key and the value."""
    raw = _with_environment(name, config.modules[name].settings, model, config.environment)
    return parse_settings(model, raw, f"[modules.{name}.settings] of {config.source}")


def parse_settings(model: type[S], raw: Mapping[str, Any], where: str) -> S:
    """Return `raw` as `model`. Raises StartRefused with the first problem in one sentence."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(sorted(model.model_fields)) or "none"
            raise StartRefused(f"{where}: unknown key '{key}': remove it or use one of: {known}") from error
        value = "a secret" if _is_secret(model, key) else repr(first.get("input"))
        raise StartRefused(f"{where}: '{key}' is {value}: {first['msg']}; correct it or remove it") from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise StartRefused(f"there is no {path}: write one, or name another with --plugins or FERIA_PLUGINS") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StartRefused(f"{path} is not TOML: {error}; correct that line") from error


def _module_entries(tables: Mapping[str, Any], path: Path) -> dict[str, ModuleEntry]:
    entries = {}
    for name, table in tables.items():
        if not isinstance(table, dict) or not isinstance(table.get("enabled", True), bool):
            raise StartRefused(f"{path}: [modules.{name}] needs `enabled = true` or `enabled = false`")
        unknown = set(table) - {"enabled", "version", "settings"}
        if unknown:
            raise StartRefused(
                f"{path}: unknown key '{min(unknown)}' in [modules.{name}]: "
                f"settings belong into [modules.{name}.settings]"
            )
        if not isinstance(table.get("version", ""), str) or not isinstance(table.get("settings", {}), dict):
            raise StartRefused(
                f"{path}: in [modules.{name}], 'version' is text such as \">=0.1,<0.2\" "
                f"and 'settings' the table [modules.{name}.settings]: correct them"
            )
        entries[name] = ModuleEntry(name, table.get("enabled", True), table.get("version"), table.get("settings", {}))
    return entries


def _with_environment(
    section: str, raw: Mapping[str, Any], model: type[BaseModel], env: Mapping[str, str]
) -> dict[str, Any]:
    """Return `raw` with FERIA_<SECTION>__<KEY> laid over it; lists are written with commas, of tables as JSON."""
    merged = dict(raw)
    prefix = f"{ENV_PREFIX}{section.upper()}__"
    for variable in sorted(env):
        if not variable.startswith(prefix):
            continue
        from_file = variable.endswith("_FILE")
        key = variable.removeprefix(prefix).removesuffix("_FILE" if from_file else "").lower()
        value = _secret(env, variable.removesuffix("_FILE")) if from_file else env[variable]
        merged[key] = _typed(value, model, key)
    for key in model.model_fields:
        if _is_secret(model, key) and key in raw:
            raise StartRefused(
                f"'{key}' of [{section}] is a secret: take it out of the file and set {prefix}{key.upper()} "
                f"or {prefix}{key.upper()}_FILE"
            )
    return merged


def _typed(value: str | None, model: type[BaseModel], key: str) -> Any:
    info = model.model_fields.get(key)
    if info is None or value is None:
        return value
    annotation = str(info.annotation)
    if annotation.startswith(("tuple", "list")) and value.lstrip().startswith("["):
        import json

        return json.loads(value)
    if annotation.startswith(("tuple", "list")):
        return [part.strip() for part in value.split(",") if part.strip()]
    if annotation.startswith(("dict", "collections.abc.Mapping")):
        import json

        return json.loads(value)
    return value


def _is_secret(model: type[BaseModel], key: str) -> bool:
    info = model.model_fields.get(key.split(".", maxsplit=1)[0])
    return info is not None and "SecretStr" in str(info.annotation)


def read_secret(environment: Mapping[str, str], name: str) -> str | None:
    """Return the variable `name`, or the content of the file that `<name>_FILE` names; None where neither is set.

    For secrets that a setting refers to by the name of their variable. Raises StartRefused for an unreadable file.
    """
    return _secret(environment, name)


def _secret(env: Mapping[str, str], name: str) -> str | None:
    """Return the variable `name`, or the content of the file that `<name>_FILE` names."""
    if name in env:
        return env[name]
    path = env.get(f"{name}_FILE")
    if path is None:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise StartRefused(f"{name}_FILE names {path}, which cannot be read ({error.strerror}): correct it") from error
