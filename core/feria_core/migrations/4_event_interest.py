"""Which events a module wants to hear beside those that it names in its code: as long as a row says so."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    -- `prefix` is the beginning of an event's name ("orders." or ""), `is_whole` says that it is the name itself.
    CREATE TABLE core_event_interest (
        job TEXT NOT NULL,
        prefix TEXT NOT NULL,
        is_whole BOOLEAN NOT NULL,
        PRIMARY KEY (job, prefix, is_whole)
    );
    CREATE FUNCTION core_event_is_wanted(event TEXT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
        SELECT EXISTS (SELECT FROM core_event_interest i
                       WHERE CASE WHEN i.is_whole THEN i.prefix = event ELSE starts_with(event, i.prefix) END)
    $$;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP FUNCTION core_event_is_wanted(TEXT); DROP TABLE core_event_interest;"
