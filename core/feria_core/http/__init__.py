"""What every route needs: access, bodies, problems, lists, caching."""

from feria_core.auth import CUSTOMER, IN_PERSON, PUBLIC, Access, staff
from feria_core.http.blueprint import ApiBlueprint
from feria_core.http.lists import Page, PageQuery, decode_cursor, encode_cursor
from feria_core.http.responses import Answer
from feria_core.http.schemas import Body, Out, Query

__all__ = [
    "CUSTOMER",
    "IN_PERSON",
    "PUBLIC",
    "Access",
    "Answer",
    "ApiBlueprint",
    "Body",
    "Out",
    "Page",
    "PageQuery",
    "Query",
    "decode_cursor",
    "encode_cursor",
    "staff",
]
