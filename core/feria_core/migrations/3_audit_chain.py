"""The audit log as a chain: each row is hashed with all that came before it, at the commit of its transaction."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE core_audit_chain (
        seq BIGINT PRIMARY KEY,
        audit_id UUID NOT NULL UNIQUE,
        hash BYTEA NOT NULL CHECK (length(hash) = 32)
    );
    -- One row: where the chain ends. Whoever adds to it holds this row's lock, from the last moment before the commit.
    CREATE TABLE core_audit_head (
        id SMALLINT PRIMARY KEY CHECK (id = 1),
        seq BIGINT NOT NULL,
        hash BYTEA NOT NULL
    );

    CREATE FUNCTION core_audit_line(a core_audit) RETURNS TEXT LANGUAGE sql STABLE AS $$
        SELECT jsonb_build_array(
            a.id, to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), a.actor_kind, a.actor_id, a.action,
            a.object_type, a.object_id, a.before, a.after, a.address, a.request_id)::text
    $$;
    -- With its owner's rights: the application's role need not be able to write the chain itself.
    CREATE FUNCTION core_audit_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path FROM CURRENT AS $$
    DECLARE last core_audit_head; sealed BYTEA;
    BEGIN
        INSERT INTO core_audit_head (id, seq, hash) VALUES (1, 0, '') ON CONFLICT DO NOTHING;
        SELECT * INTO last FROM core_audit_head WHERE id = 1 FOR UPDATE;
        sealed := sha256(last.hash || convert_to(core_audit_line(NEW), 'UTF8'));
        INSERT INTO core_audit_chain (seq, audit_id, hash) VALUES (last.seq + 1, NEW.id, sealed);
        UPDATE core_audit_head SET seq = last.seq + 1, hash = sealed WHERE id = 1;
        RETURN NULL;
    END $$;

    DO $$
    DECLARE entry core_audit; sealed BYTEA := ''; number BIGINT := 0;
    BEGIN
        FOR entry IN SELECT * FROM core_audit ORDER BY at, id LOOP
            number := number + 1;
            sealed := sha256(sealed || convert_to(core_audit_line(entry), 'UTF8'));
            INSERT INTO core_audit_chain (seq, audit_id, hash) VALUES (number, entry.id, sealed);
        END LOOP;
        INSERT INTO core_audit_head (id, seq, hash) VALUES (1, number, sealed);
    END $$;

    CREATE CONSTRAINT TRIGGER core_audit_sealed AFTER INSERT ON core_audit DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION core_audit_seal();
    CREATE TRIGGER core_audit_not_emptied BEFORE TRUNCATE ON core_audit
        FOR EACH STATEMENT EXECUTE FUNCTION core_audit_is_append_only();
    CREATE TRIGGER core_audit_chain_append_only BEFORE UPDATE OR DELETE ON core_audit_chain
        FOR EACH ROW EXECUTE FUNCTION core_audit_is_append_only();
    CREATE TRIGGER core_audit_chain_not_emptied BEFORE TRUNCATE ON core_audit_chain
        FOR EACH STATEMENT EXECUTE FUNCTION core_audit_is_append_only();
    CREATE TRIGGER core_audit_head_kept BEFORE DELETE ON core_audit_head
        FOR EACH ROW EXECUTE FUNCTION core_audit_is_append_only();
    CREATE TRIGGER core_audit_head_not_emptied BEFORE TRUNCATE ON core_audit_head
        FOR EACH STATEMENT EXECUTE FUNCTION core_audit_is_append_only();
    CREATE INDEX core_audit_actor ON core_audit (actor_id, at DESC);
    CREATE INDEX core_audit_latest ON core_audit (at DESC, id DESC);
    DROP INDEX core_audit_at;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE INDEX core_audit_at ON core_audit (at DESC);
    DROP INDEX core_audit_latest;
    DROP INDEX core_audit_actor;
    DROP TRIGGER core_audit_not_emptied ON core_audit;
    DROP TRIGGER core_audit_sealed ON core_audit;
    DROP FUNCTION core_audit_seal();
    DROP FUNCTION core_audit_line(core_audit);
    DROP TABLE core_audit_head;
    DROP TABLE core_audit_chain;
    """
