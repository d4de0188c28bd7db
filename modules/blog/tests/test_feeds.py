"""Feeds, sitemap and JSON-LD, as others' readers read them."""

import feedparser
import orjson
import pytest
from lxml import etree
from pyld import jsonld

NASTY = 'Bread & <b>butter</b> \u0001\ufffe ]]> "quoted" \'é 日本 \U0001f600'
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
# Of http://www.sitemaps.org/schemas/sitemap/0.9/sitemap.xsd, what our files may hold.
SITEMAP_SCHEMA = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"
    targetNamespace="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
  <xs:element name="urlset"><xs:complexType><xs:sequence>
    <xs:element name="url" maxOccurs="50000"><xs:complexType><xs:sequence>
      <xs:element name="loc"><xs:simpleType><xs:restriction base="xs:anyURI">
        <xs:minLength value="12"/><xs:maxLength value="2048"/></xs:restriction></xs:simpleType></xs:element>
      <xs:element name="lastmod" minOccurs="0" type="xs:dateTime"/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""
# Of https://validator.w3.org/feed/docs/rss2.html, what our feed holds, in its order.
RSS_SCHEMA = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="rss"><xs:complexType><xs:sequence><xs:element name="channel"><xs:complexType>
    <xs:choice maxOccurs="unbounded">
      <xs:element name="title" type="xs:string"/><xs:element name="link" type="xs:anyURI"/>
      <xs:element name="description" type="xs:string"/><xs:element name="language" type="xs:language"/>
      <xs:element name="lastBuildDate" type="rfc822"/>
      <xs:element name="item"><xs:complexType><xs:choice maxOccurs="unbounded">
        <xs:element name="title" type="xs:string"/><xs:element name="link" type="xs:anyURI"/>
        <xs:element name="guid"><xs:complexType><xs:simpleContent><xs:extension base="xs:string">
          <xs:attribute name="isPermaLink" type="xs:boolean"/></xs:extension></xs:simpleContent></xs:complexType>
        </xs:element>
        <xs:element name="pubDate" type="rfc822"/><xs:element name="category" type="xs:string"/>
        <xs:element name="description" type="xs:string"/>
        <xs:any namespace="##other" processContents="skip"/>
      </xs:choice></xs:complexType></xs:element>
      <xs:any namespace="##other" processContents="skip"/>
    </xs:choice></xs:complexType></xs:element></xs:sequence>
    <xs:attribute name="version" type="xs:string" fixed="2.0" use="required"/></xs:complexType></xs:element>
  <xs:simpleType name="rfc822"><xs:restriction base="xs:string">
    <xs:pattern value="(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d{2} [A-Z][a-z]{2} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT"/>
  </xs:restriction></xs:simpleType>
</xs:schema>"""


@pytest.fixture
async def blog(staff, write_post):
    await staff.post("/api/admin/blog/categories", {"name": "News & more"})
    await staff.post("/api/admin/blog/authors", {"name": "Ines <Calvo>"})
    await write_post(
        NASTY.replace("\ufffe", ""),
        slug="nasty",
        body=f"{NASTY}\n\n[A page](/about) ![](/images/a.png)\n\n[[product:nothing]]",
        category="news-more",
        author="ines-calvo",
        tags=["A & B"],
        cover={"url": "/images/cover.png"},
    )
    await write_post("Plain", body="Some text.")


def checked(schema, body):
    etree.XMLSchema(etree.fromstring(schema)).assertValid(etree.fromstring(body))


async def test_rss_is_read_by_feed_readers_and_valid(client, blog):
    reply = await client.get("/blog/rss.xml")
    assert reply.headers["content-type"] == "application/rss+xml; charset=utf-8"
    checked(RSS_SCHEMA, reply.body)
    read = feedparser.parse(reply.body)
    assert (read.bozo, read.version, len(read.entries)) == (False, "rss20", 2)
    entry = read.entries[1]
    assert entry.link == "http://localhost:8000/blog/nasty"
    assert "Bread & " in entry.title
    assert [tag.term for tag in entry.tags] == ["News & more", "A & B"]
    assert entry.author == "Ines <Calvo>"
    assert 'href="http://localhost:8000/about"' in entry.content[0].value
    assert 'src="http://localhost:8000/images/a.png"' in entry.content[0].value


async def test_atom_is_read_by_feed_readers(client, blog):
    reply = await client.get("/blog/atom.xml")
    read = feedparser.parse(reply.body)
    assert (read.bozo, read.version, len(read.entries)) == (False, "atom10", 2)
    post = (await client.get("/api/blog/posts/nasty")).json
    entry = read.entries[1]
    assert (entry.id, entry.published) == (f"urn:uuid:{post['id']}", entry.updated)
    assert {link.rel for link in read.feed.links} == {"self", "alternate"}
    for needed in ("id", "title", "updated"):
        assert entry[needed]
        assert read.feed[needed]


async def test_json_feed_has_what_its_specification_demands(client, blog):
    reply = await client.get("/blog/feed.json")
    assert reply.headers["content-type"] == "application/feed+json"
    feed = orjson.loads(reply.body)
    assert (feed["version"], feed["title"]) == ("https://jsonfeed.org/version/1.1", "Feria blog")
    assert feed["feed_url"] == "http://localhost:8000/blog/feed.json"
    item = feed["items"][1]
    assert {"id", "url", "content_html", "date_published", "authors", "tags"} <= set(item)
    assert item["image"] == "http://localhost:8000/images/cover.png"


async def test_an_empty_feed_is_a_feed(client):
    assert feedparser.parse((await client.get("/blog/rss.xml")).body).bozo is False
    assert feedparser.parse((await client.get("/blog/atom.xml")).body).bozo is False
    assert orjson.loads((await client.get("/blog/feed.json")).body)["items"] == []


async def test_a_feed_of_a_category_or_tag_names_itself(client, blog):
    read = feedparser.parse((await client.get("/blog/atom.xml?category=news-more")).body)
    assert [entry.link for entry in read.entries] == ["http://localhost:8000/blog/nasty"]
    assert read.feed.id == "http://localhost:8000/blog/atom.xml?category=news-more"
    assert len(feedparser.parse((await client.get("/blog/rss.xml?tag=a-b")).body).entries) == 1


async def test_feeds_are_kept_with_an_etag_and_end_with_a_change(client, blog, write_post):
    first = await client.get("/blog/rss.xml")
    same = await client.get("/blog/rss.xml", headers={"If-None-Match": first.headers["etag"]})
    assert same.status == 304
    await write_post("Third")
    changed = await client.get("/blog/rss.xml", headers={"If-None-Match": first.headers["etag"]})
    assert (changed.status, changed.body.count(b"<item>")) == (200, 3)


async def test_a_feed_holds_the_newest_posts_alone(client, write_post, clock):
    from datetime import timedelta

    for number in range(33):
        await write_post(f"Post {number}", publish_at=(clock.at - timedelta(days=number)).isoformat())
    read = feedparser.parse((await client.get("/blog/rss.xml")).body)
    assert (len(read.entries), read.entries[0].title) == (30, "Post 0")


async def test_the_sitemap_is_valid_and_names_posts_and_categories(client, blog):
    index = etree.fromstring((await client.get("/sitemap.xml")).body)
    files = [loc.text for loc in index.iter(f"{SITEMAP}loc")]
    assert "http://localhost:8000/sitemaps/blog-posts-0.xml" in files
    assert "http://localhost:8000/sitemaps/blog-categories-0.xml" in files
    found = set()
    for kind in ("posts", "categories"):
        reply = await client.get(f"/sitemaps/blog-{kind}-0.xml")
        checked(SITEMAP_SCHEMA, reply.body)
        found |= {loc.text for loc in etree.fromstring(reply.body).iter(f"{SITEMAP}loc")}
    base = "http://localhost:8000/blog"
    assert found == {f"{base}/nasty", f"{base}/plain", f"{base}/categories/news-more"}
    assert (await client.get("/sitemaps/blog-posts-999999999.xml")).status == 404


async def test_json_ld_is_read_by_a_parser(client, blog):
    """The context is given here instead of fetched: schema.org's says that its terms are its own."""
    document = (await client.get("/api/blog/posts/nasty")).json["jsonld"]
    assert document["@context"] == "https://schema.org"
    schema = "https://schema.org/"
    expanded = jsonld.expand({**document, "@context": {"@vocab": schema}})[0]
    assert expanded["@type"] == [f"{schema}BlogPosting"]
    for needed in ("headline", "datePublished", "dateModified", "author", "publisher", "image", "mainEntityOfPage"):
        assert expanded[f"{schema}{needed}"], needed
    assert expanded[f"{schema}author"][0][f"{schema}name"] == [{"@value": "Ines <Calvo>"}]
    assert expanded[f"{schema}keywords"] == [{"@value": "A & B"}]
