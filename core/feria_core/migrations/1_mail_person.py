"""Whose account a mail is about: one to an address that nobody has shown to be theirs is found by it."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    ALTER TABLE core_mail ADD COLUMN person_id UUID;
    CREATE INDEX core_mail_person ON core_mail (person_id) WHERE person_id IS NOT NULL;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP INDEX core_mail_person;
    ALTER TABLE core_mail DROP COLUMN person_id;
    """
