"""What the blog knows of who writes for it is shown and erased."""

from feria_core import db
from feria_core.contracts.privacy import PERSONAL_DATA, DataSubject
from feria_core.ids import new_id
from feria_core.runtime import registry


def part():
    return next(each for each in registry().all(PERSONAL_DATA) if each.section == "blog")


async def test_a_writer_sees_his_profile_and_edits_and_others_see_nothing(client, write_post, staff):
    writer = new_id()
    await staff.post("/api/admin/blog/authors", {"name": "Ines Calvo", "user_id": str(writer)})
    as_writer = client.as_staff("blog.write", staff_id=writer)
    body = {"title": "Mine", "body": "x", "format": "markdown"}
    assert (await as_writer.post("/api/admin/blog/posts", body)).json["author"] == "ines-calvo"
    told = await part().export(DataSubject(writer, "Ines Calvo", None))
    assert (told["author"]["name"], told["author"]["posts"], len(told["edits"])) == ("Ines Calvo", 1, 1)
    assert await part().export(DataSubject(new_id(), "Other", None)) == {}


async def test_an_erased_writer_is_in_no_column_any_more_and_the_posts_stay(client, staff):
    writer = new_id()
    profile = {
        "name": "Ines Calvo",
        "bio": "Ines lives in Calvo.",
        "url": "https://ines.example",
        "user_id": str(writer),
    }
    await staff.post("/api/admin/blog/authors", profile)
    as_writer = client.as_staff("blog.write", staff_id=writer)
    body = {"title": "Post", "body": "x", "format": "markdown", "status": "published"}
    await as_writer.post("/api/admin/blog/posts", body)
    assert (await client.get("/api/blog/posts/post")).json["author"]["name"] == "Ines Calvo"
    for _ in range(2):
        async with db.transaction():
            await part().erase(DataSubject(writer, "Ines Calvo", None))
    assert (await client.get("/api/blog/posts/post")).json["author"]["name"] == "Former author"
    for table in ("author", "revision", "post"):
        for row in await db.fetch_all(f"SELECT t::text AS text FROM blog_{table} t"):
            assert "ines" not in row["text"].lower()
            assert str(writer) not in row["text"]
    restored = await staff.post("/api/admin/blog/posts/post/revisions/1/restore")
    assert restored.json["author"].startswith("author-")
