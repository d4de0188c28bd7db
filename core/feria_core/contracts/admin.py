"""The staff's pages: what each module declares of its section, drawn by whoever draws them.

A section speaks of the module's own staff routes. Pages ask these routes as the staff who look at them, so
permissions, checks, errors and the audit log are those of the API; forms are made from the bodies that the routes
declare, filters from their queries.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from feria_core.contracts.money import Money
from feria_core.ports import Port

# By locale; "en" is there always.
Text: TypeAlias = Mapping[str, str]

ColumnKind: TypeAlias = Literal[
    "text",
    "number",
    "money",
    "minor",
    "share",
    "moment",
    "status",
    "flag",
    "image",
    "html",
    "json",
    "link",
    "table",
    "steps",
]


@dataclass(frozen=True)
class Column:
    """A member of what a route answers: `path` goes into objects with dots ("price", "customer.email").

    A "table" is a list of objects, or an object whose names are `key`, shown with `columns`; "steps" are such a list as
    a line of time: the first column is when, the second what, any others beside it. "minor" is an amount in minor units
    of the shop's currency, "share" a decimal text of one: "0.13" is 13 %. `section` names the section whose thing the
    value is the key of.
    """

    path: str
    title: Text
    kind: ColumnKind = "text"
    columns: tuple[Column, ...] = ()
    section: str | None = None


@dataclass(frozen=True)
class Choices:
    """What may stand in a field: the things of a list, by their member `value`, read by `label`.

    Where the list is longer than a page, `search` is its query parameter to look for others by.
    """

    list_path: str
    value: str = "id"
    label: str = "name"
    search: str | None = None


@dataclass(frozen=True)
class Rows:
    """A list in a body, with a row for each member of the list `member` of the thing: how many of each piece.

    `keys` are sent as they stand there: {"item_id": "id"}. Staff type the other members; `most` says how much each can
    be: the first of these members less the others (("quantity", "shipped")). Those in `filled` start at their most.
    `label` is what the row is called. Rows of which nothing is typed are not sent.
    """

    member: str
    keys: Mapping[str, str]
    label: tuple[str, ...]
    most: Mapping[str, tuple[str, ...]]
    filled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Act:
    """Something that staff do with one thing, or with none where `path` names none.

    `path` is a route's rule with its variables as `{member}` of the thing: "/api/admin/orders/{number}/refunds". Shown
    to staff who hold the route's permission, and where the thing's member `when[0]` is one of `when[1]`. The form is
    made from the route's body; `fields` are those to show, in this order, all where none are named. With `confirm`
    staff are asked first. With `bulk` it can be done to many things at once, as a job that does to each what the route
    does, in one transaction with the note that it is done: nothing in it may wait for the network.

    `choices` and `rows` say by field (with dots below lists: "items.variant_id") what can be chosen. With `upload`, the
    media types taken, the body is a form with one `file`. An act that `tells` answers what no page shows again: its
    answer is shown.
    """

    name: str
    title: Text
    method: Literal["POST", "PUT", "PATCH", "DELETE"]
    path: str
    fields: tuple[str, ...] = ()
    when: tuple[str, tuple[str, ...]] | None = None
    confirm: Text | None = None
    bulk: bool = False
    choices: Mapping[str, Choices] = field(default_factory=dict)
    rows: Mapping[str, Rows] = field(default_factory=dict)
    upload: str | None = None
    tells: bool = False


@dataclass(frozen=True)
class Download:
    """A file about one thing, or about the whole section where `path` names none: an invoice, codes as CSV."""

    name: str
    title: Text
    path: str
    when: tuple[str, tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Look:
    """What a GET answers about one thing while nothing is done, on a page of its own: how a mail about it reads.

    `columns` are members of the answer. The route's query is chosen above them: `fields`, in this order.
    """

    name: str
    title: Text
    path: str
    columns: tuple[Column, ...]
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A list that belongs to one thing, on its page: variants, pictures, codes, revisions.

    It is asked at `list_path`, whose variables are members of the thing, or else is the thing's own member `member`.
    The acts' paths may name members of the row too: "/api/admin/products/{id}/variants/{row.id}". `edit` is the act
    whose form shows what stands in the row.
    """

    name: str
    title: Text
    columns: tuple[Column, ...]
    empty: Text
    list_path: str | None = None
    member: str | None = None
    key: str = "id"
    create: Act | None = None
    edit: Act | None = None
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class AdminSection:
    """A list of things with the page of each, and what can be done with them.

    `list_path` is a GET that answers `{"items": [...], "next_cursor": ...}`. `key` is the member by which a thing is
    asked at `item_path` ("/api/admin/orders/{number}"); without it the list's item is all there is to see. `create`
    and `edit` are acts whose form is a page of its own. `search` is the query parameter of the search field, `filters`
    are those to choose from. `details` is what the thing's page shows, the columns where none are named, and `heading`
    the member that it is called by, else the first text. `empty` says what to do where there is nothing yet.
    """

    name: str
    title: Text
    list_path: str
    columns: tuple[Column, ...]
    empty: Text
    key: str = "id"
    item_path: str | None = None
    details: tuple[Column, ...] = ()
    search: str | None = None
    filters: tuple[str, ...] = ()
    create: Act | None = None
    edit: Act | None = None
    acts: tuple[Act, ...] = ()
    group: Literal["sales", "catalog", "people", "marketing", "content", "system"] = "system"
    heading: str | None = None
    parts: tuple[Part, ...] = ()
    downloads: tuple[Download, ...] = ()
    looks: tuple[Look, ...] = ()


@dataclass(frozen=True)
class AdminReport:
    """A page of figures: what a GET answers as one object. `filters` are of its query.

    `figures` are shown large, `details` below them; of these a "table" can be drawn as `charts` say: by the member of
    the list, the columns of what is drawn over which.
    """

    name: str
    title: Text
    path: str
    details: tuple[Column, ...]
    figures: tuple[Column, ...] = ()
    filters: tuple[str, ...] = ()
    charts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group: Literal["sales", "catalog", "people", "marketing", "content", "system"] = "system"


ADMIN_SECTIONS: Port[AdminSection] = Port("admin_sections", version="1.2")
ADMIN_REPORTS: Port[AdminReport] = Port("admin_reports", version="1.0")


@dataclass(frozen=True)
class DashboardPart:
    """A figure of now on the staff's first page, such as orders that wait to be sent.

    `value()` is one statement. `permission` is what one must hold to see it. `section` is the section where something
    can be done about it, `query` the filters that its list is opened with. With `is_work` a figure above zero waits for
    somebody to act.
    """

    name: str
    title: Text
    permission: str
    value: Callable[[], Awaitable[int | Money]]
    section: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    is_work: bool = False


DASHBOARD_PARTS: Port[DashboardPart] = Port("dashboard_parts", version="1.0")
