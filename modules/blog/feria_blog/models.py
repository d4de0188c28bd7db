"""The tables as Tortoise models, for the drift test and for staff's tools; the module itself writes SQL."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class Author(Model):
    id = fields.UUIDField(primary_key=True)
    slug = fields.TextField()  # unique
    name = fields.TextField()
    bio = fields.TextField(default="")
    url = fields.TextField(null=True)
    picture_url = fields.TextField(null=True)
    user_id = fields.UUIDField(null=True)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "blog_author"
        app = "blog"


class Category(Model):
    id = fields.UUIDField(primary_key=True)
    parent_id = fields.UUIDField(null=True)
    slug = fields.TextField()  # unique
    name = fields.TextField()
    names: fields.JSONField[dict[str, str]] = fields.JSONField()
    description = fields.TextField(default="")
    path = ArrayField(element_type="text")
    position = fields.IntField(default=0)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "blog_category"
        app = "blog"


class CategorySlug(Model):
    slug = fields.CharField(max_length=120, primary_key=True)
    category_id = fields.UUIDField()

    class Meta:
        table = "blog_category_slug"
        app = "blog"


class Tag(Model):
    id = fields.UUIDField(primary_key=True)
    slug = fields.TextField()  # unique
    name = fields.TextField()
    names: fields.JSONField[dict[str, str]] = fields.JSONField()
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "blog_tag"
        app = "blog"


class Post(Model):
    id = fields.UUIDField(primary_key=True)
    no = fields.BigIntField(generated=False)
    slug = fields.TextField()  # unique
    locale = fields.TextField()
    title = fields.TextField()
    body = fields.TextField()
    format = fields.TextField()
    html = fields.TextField()
    summary = fields.TextField(null=True)
    excerpt = fields.TextField()
    words = fields.IntField()
    seo_title = fields.TextField(null=True)
    seo_description = fields.TextField(null=True)
    seo_canonical = fields.TextField(null=True)
    seo_image = fields.TextField(null=True)
    cover_url = fields.TextField(null=True)
    cover_alt = fields.TextField(default="")
    category_id = fields.UUIDField(null=True)
    author_id = fields.UUIDField(null=True)
    status = fields.TextField()
    publish_at = fields.DatetimeField(null=True)
    keywords = ArrayField(element_type="text")
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "blog_post"
        app = "blog"


class Slug(Model):
    slug = fields.CharField(max_length=120, primary_key=True)
    post_id = fields.UUIDField()
    locale = fields.TextField(null=True)
    is_present = fields.BooleanField()

    class Meta:
        table = "blog_slug"
        app = "blog"


class PostTag(Model):
    post_id = fields.UUIDField(primary_key=True)  # with tag_id
    tag_id = fields.UUIDField()

    class Meta:
        table = "blog_post_tag"
        app = "blog"


class Translation(Model):
    post_id = fields.UUIDField(primary_key=True)  # with locale
    locale = fields.TextField()
    slug = fields.TextField(null=True)  # unique
    title = fields.TextField()
    body = fields.TextField()
    format = fields.TextField()
    html = fields.TextField()
    summary = fields.TextField(null=True)
    excerpt = fields.TextField()
    words = fields.IntField()
    seo_title = fields.TextField(null=True)
    seo_description = fields.TextField(null=True)
    updated_at = fields.DatetimeField()

    class Meta:
        table = "blog_translation"
        app = "blog"


class Revision(Model):
    id = fields.UUIDField(primary_key=True)
    post_id = fields.UUIDField()
    number = fields.IntField()
    content: fields.JSONField[dict[str, object]] = fields.JSONField()
    reason = fields.TextField()
    actor_id = fields.UUIDField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "blog_revision"
        app = "blog"


class Preview(Model):
    token_hash = fields.BinaryField(primary_key=True)
    post_id = fields.UUIDField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "blog_preview"
        app = "blog"


class Mention(Model):
    post_id = fields.UUIDField(primary_key=True)  # with slug
    slug = fields.TextField()
    product_id = fields.UUIDField(null=True)

    class Meta:
        table = "blog_mention"
        app = "blog"


class Posting(Model):
    term = fields.CharField(max_length=100, primary_key=True)  # with post_id
    post_id = fields.UUIDField()
    impact = fields.FloatField()

    class Meta:
        table = "blog_posting"
        app = "blog"


class Word(Model):
    word = fields.CharField(max_length=40, primary_key=True)

    class Meta:
        table = "blog_word"
        app = "blog"
