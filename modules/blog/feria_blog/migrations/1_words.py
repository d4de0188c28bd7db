"""The blog's words as they are written, by which mistyped ones are mended."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True
# Older code writes posts without their words: they are mended to once they are edited again.
OLDEST = "0.1"


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    -- Words of letters alone. Never changed, so never contended for; one that no post holds any more is never offered.
    CREATE TABLE blog_word (
        word TEXT COLLATE "C" PRIMARY KEY CHECK (length(word) BETWEEN 3 AND 40)
    );
    CREATE INDEX blog_word_end ON blog_word (right(word, 3) COLLATE "C", length(word));
    -- Of the posts that are there, the words without accents; the others come with the next edit.
    INSERT INTO blog_word (word)
    SELECT DISTINCT found[1] FROM (
        SELECT title || ' ' || body AS text FROM blog_post
        UNION ALL SELECT title || ' ' || body FROM blog_translation
    ) written, regexp_matches(lower(written.text), '\\m[a-z]{3,40}\\M', 'g') AS found;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP TABLE blog_word;"
