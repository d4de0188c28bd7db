"""The tables of core, with aerich's own first: every other module's history is written into it."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE IF NOT EXISTS aerich (
        id SERIAL PRIMARY KEY,
        version VARCHAR(255) NOT NULL,
        app VARCHAR(100) NOT NULL,
        content JSONB NOT NULL
    );

    CREATE TABLE core_outbox (
        id UUID PRIMARY KEY,
        name TEXT NOT NULL,
        version INT NOT NULL,
        payload JSONB NOT NULL,
        occurred_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        dispatched_at TIMESTAMPTZ
    );
    CREATE INDEX core_outbox_waiting ON core_outbox (id) WHERE dispatched_at IS NULL;
    CREATE INDEX core_outbox_dispatched ON core_outbox (dispatched_at) WHERE dispatched_at IS NOT NULL;

    CREATE TABLE core_job (
        id UUID PRIMARY KEY,
        name TEXT NOT NULL,
        queue TEXT NOT NULL,
        arguments JSONB NOT NULL,
        event_id UUID,
        state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'done', 'dead')),
        run_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        dispatch INT NOT NULL DEFAULT 0,
        attempt INT NOT NULL DEFAULT 0,
        max_attempts INT NOT NULL CHECK (max_attempts > 0),
        lease_until TIMESTAMPTZ,
        started_at TIMESTAMPTZ,
        finished_at TIMESTAMPTZ,
        last_error TEXT
    );
    -- An event reaches each of its subscribers once, however often its fan-out is tried.
    CREATE UNIQUE INDEX core_job_event ON core_job (event_id, name) WHERE event_id IS NOT NULL;
    CREATE INDEX core_job_due ON core_job (queue, run_at) WHERE state = 'queued';
    CREATE INDEX core_job_finished ON core_job (state, finished_at) WHERE state <> 'queued';

    CREATE TABLE core_schedule (
        name TEXT PRIMARY KEY,
        last_run TIMESTAMPTZ NOT NULL
    );

    CREATE TABLE core_mail (
        id UUID PRIMARY KEY,
        recipient TEXT NOT NULL,
        template TEXT NOT NULL,
        locale TEXT NOT NULL,
        context JSONB,
        created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        sent_at TIMESTAMPTZ
    );
    CREATE INDEX core_mail_sent ON core_mail (sent_at);

    CREATE TABLE core_idempotency (
        scope TEXT NOT NULL,
        key TEXT NOT NULL,
        request_hash BYTEA NOT NULL,
        claim UUID NOT NULL,
        locked_until TIMESTAMPTZ NOT NULL,
        status INT,
        headers JSONB,
        body BYTEA,
        expires_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (scope, key)
    );
    CREATE INDEX core_idempotency_expires ON core_idempotency (expires_at);

    -- Unlogged: losing it in a crash of the server forgets a few minutes of counting, which is harmless.
    CREATE UNLOGGED TABLE core_rate_limit (
        key TEXT PRIMARY KEY,
        hits TIMESTAMPTZ[] NOT NULL,
        expires_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX core_rate_limit_expires ON core_rate_limit (expires_at);

    CREATE TABLE core_audit (
        id UUID PRIMARY KEY,
        at TIMESTAMPTZ NOT NULL DEFAULT now(),
        actor_kind TEXT NOT NULL,
        actor_id TEXT,
        action TEXT NOT NULL,
        object_type TEXT NOT NULL,
        object_id TEXT NOT NULL,
        before JSONB,
        after JSONB,
        address TEXT,
        request_id TEXT
    );
    CREATE INDEX core_audit_at ON core_audit (at DESC);
    CREATE INDEX core_audit_object ON core_audit (object_type, object_id);
    CREATE FUNCTION core_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'core_audit is append-only';
    END $$;
    CREATE TRIGGER core_audit_append_only BEFORE UPDATE OR DELETE ON core_audit
        FOR EACH ROW EXECUTE FUNCTION core_audit_is_append_only();
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE core_audit;
    DROP FUNCTION core_audit_is_append_only();
    DROP TABLE core_rate_limit;
    DROP TABLE core_idempotency;
    DROP TABLE core_mail;
    DROP TABLE core_schedule;
    DROP TABLE core_job;
    DROP TABLE core_outbox;
    """
