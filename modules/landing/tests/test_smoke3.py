import asyncio
from feria_core.testing.work import run_jobs
from feria_core import db


async def test_gh(client, github):
    github.reset()
    r = await asyncio.gather(*(client.get(f"/api/projects?limit={n + 1}") for n in range(100)))
    assert all(x.status == 200 and x.json["items"] == [] and x.json["stale"] for x in r), r[0].body
    assert await db.fetch_value("SELECT count(*) FROM core_job") == 1
    print(await run_jobs(), await db.fetch_all("SELECT last_error FROM core_job"))
    print(github.calls)
    r = await client.get("/api/projects")
    print(r.json)
    r = await client.get("/api/contributions")
    print(r.json)
    print(await run_jobs(), await db.fetch_all("SELECT last_error FROM core_job"))
    print(github.calls)
    r = await client.get("/api/contributions")
    print(r.json)
    print((await client.as_staff("landing.write").get("/api/admin/github")).json)
