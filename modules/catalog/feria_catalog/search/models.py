"""The tables of the search, as the ORM sees them."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class SearchEntry(Model):
    product_no = fields.IntField(primary_key=True, generated=False)
    digest = fields.BigIntField()
    terms = ArrayField(element_type="text")
    impacts = ArrayField(element_type="real")
    changed_xid = fields.TextField()  # xid8

    class Meta:
        table = "catalog_search_entry"
        app = "catalog"


class Posting(Model):
    product_no = fields.IntField(primary_key=True, generated=False)  # with term and impact
    term = fields.TextField()
    impact = fields.FloatField()

    class Meta:
        table = "catalog_posting"
        app = "catalog"


class SearchWord(Model):
    word = fields.CharField(primary_key=True, max_length=40)  # text

    class Meta:
        table = "catalog_search_word"
        app = "catalog"


class Synonym(Model):
    id = fields.UUIDField(primary_key=True)
    term = fields.TextField()
    synonyms = ArrayField(element_type="text")
    is_two_way = fields.BooleanField(default=True)
    term_key = fields.TextField()  # unique
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    changed_xid = fields.TextField()  # xid8

    class Meta:
        table = "catalog_synonym"
        app = "catalog"


class SearchLog(Model):
    day = fields.DateField(primary_key=True)  # with query
    query = fields.TextField()
    searches = fields.BigIntField()
    hits = fields.IntField()
    sample = fields.TextField()

    class Meta:
        table = "catalog_search_log"
        app = "catalog"
