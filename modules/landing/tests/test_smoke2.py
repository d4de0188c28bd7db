import re
from feria_core.testing.work import run_jobs


async def test_contact(client, mailbox):
    b = {"name": "Ana", "email": "ana@example.org", "subject": "Hi", "message": "Hello\nthere"}
    for n in range(3):
        r = await client.post("/api/contact", b)
        assert r.status == 202, r.body
    r = await client.post("/api/contact", b)
    assert r.status == 429, r.body
    assert (await client.post("/api/contact", {**b, "website": "x"})).status == 202
    assert (await client.post("/api/contact", {**b, "subject": "a\nb"})).status == 422
    print(await run_jobs())
    m = mailbox.mails()
    print(len(m), m[0]["subject"], m[0]["headers"])
    s = client.as_staff("landing.contacts")
    l = (await s.get("/api/admin/contacts")).json
    print(l)
    r = await s.post(f"/api/admin/contacts/{l['items'][0]['id']}/reply", {"message": "Yes"})
    assert r.status == 201, r.body
    await run_jobs()
    print(mailbox.mails()[0])


async def test_sub(client, mailbox):
    r = await client.post("/api/subscribe", {"email": "Bo@example.org"})
    assert r.status == 202, r.body
    print(await run_jobs())
    m = mailbox.mails()[0]
    print(m["text"])
    t = re.search(r"token=(\S+)", m["text"])[1]
    r = await client.get(f"/api/subscribe/confirm?token={t}")
    print(r.body)
    assert r.status == 200
    r = await client.get(f"/api/subscribe/confirm?token={t}")
    print(r.body)
    assert r.status == 400
    r = await client.get(
        f"/api/subscribe/confirm?token={t}", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    )
    print(r.body)
    assert r.status == 400
    s = client.as_staff("landing.newsletter")
    n = (await s.post("/api/admin/newsletters", {"subject": "News", "body": "# Hi\n\nthere"})).json
    print(n)
    r = await s.post(f"/api/admin/newsletters/{n['id']}/send", {})
    assert r.status == 202, r.body
    print(await run_jobs())
    m = mailbox.mails()[0]
    print(m)
    print((await s.get(f"/api/admin/newsletters/{n['id']}")).json)
    t = re.search(r"token=(\S+)", m["text"])[1]
    r = await client.get(f"/api/unsubscribe?token={t}", headers={"Accept": "text/html"})
    print(r.body)
    r = await client.post(
        f"/api/unsubscribe?token={t}",
        data=b"List-Unsubscribe=One-Click",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    print(r.body)
    assert r.status == 200
    l = (await s.get("/api/admin/subscriptions")).json
    print(l)
    print((await s.get(f"/api/admin/subscriptions/{l['items'][0]['id']}")).json)
    print((await s.get("/api/admin/subscriptions/export")).body)
    r = await s.post("/api/admin/subscriptions/suppressions", {"email": "bo@example.org"})
    print(r.body)
    await client.post("/api/subscribe", {"email": "Bo@example.org"})
    k = len(mailbox.mails())
    await run_jobs()
    assert len(mailbox.mails()) == k
