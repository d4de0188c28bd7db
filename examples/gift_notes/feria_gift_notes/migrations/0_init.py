"""The table of gift notes."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE gift_notes_note (
        id UUID PRIMARY KEY,
        order_id UUID NOT NULL CONSTRAINT gift_notes_note_order UNIQUE,
        -- Known once the order is announced; until then nobody but staff sees the note.
        order_number TEXT,
        customer_id UUID,
        -- Of guests alone: how their notes are found when they ask what is stored about them.
        guest_email TEXT,
        text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 500),
        created_at TIMESTAMPTZ NOT NULL,
        written_at TIMESTAMPTZ,
        CONSTRAINT gift_notes_note_owner CHECK (customer_id IS NULL OR guest_email IS NULL)
    );
    CREATE INDEX gift_notes_note_customer ON gift_notes_note (customer_id, id) WHERE customer_id IS NOT NULL;
    CREATE INDEX gift_notes_note_guest ON gift_notes_note (lower(guest_email COLLATE "C"))
        WHERE guest_email IS NOT NULL;
    CREATE INDEX gift_notes_note_number ON gift_notes_note (order_number);
    CREATE INDEX gift_notes_note_waiting ON gift_notes_note (id) WHERE written_at IS NULL;
    CREATE INDEX gift_notes_note_created ON gift_notes_note (created_at);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE gift_notes_note;
    """
