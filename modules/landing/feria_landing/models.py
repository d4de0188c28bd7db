"""The tables of landing as Tortoise models, for the drift test; the module itself writes SQL."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class Event(Model):
    id = fields.UUIDField(primary_key=True)
    slug = fields.TextField()
    title = fields.TextField()
    summary = fields.TextField()
    description = fields.TextField()
    format = fields.TextField()
    description_html = fields.TextField()
    kind = fields.TextField()
    tags = ArrayField(element_type="text")
    status = fields.TextField()
    publish_at = fields.DatetimeField(null=True)
    event_status = fields.TextField()
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True)
    time_zone = fields.TextField()
    rrule = fields.TextField(null=True)
    exdates = ArrayField(element_type="timestamptz")
    is_endless = fields.BooleanField()
    location = fields.TextField(null=True)
    is_online = fields.BooleanField()
    url = fields.TextField(null=True)
    capacity = fields.TextField(null=True)
    image_url = fields.TextField(null=True)
    image_alt = fields.TextField()
    search_text = fields.TextField()
    version = fields.IntField()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "landing_event"
        app = "landing"


class EventSlug(Model):
    slug = fields.CharField(max_length=120, primary_key=True)
    event_id = fields.UUIDField()
    retired_at = fields.DatetimeField()

    class Meta:
        table = "landing_event_slug"
        app = "landing"


class Occurrence(Model):
    event_id = fields.UUIDField(primary_key=True)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()

    class Meta:
        table = "landing_occurrence"
        app = "landing"


class Testimonial(Model):
    id = fields.UUIDField(primary_key=True)
    author = fields.TextField()
    role = fields.TextField()
    company = fields.TextField()
    quote = fields.TextField()
    rating = fields.SmallIntField(null=True)
    url = fields.TextField(null=True)
    image_url = fields.TextField(null=True)
    status = fields.TextField()
    position = fields.IntField()
    version = fields.IntField()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "landing_testimonial"
        app = "landing"


class Contact(Model):
    id = fields.UUIDField(primary_key=True)
    name = fields.TextField()
    email = fields.TextField()
    email_key = fields.TextField()
    subject = fields.TextField()
    message = fields.TextField()
    locale = fields.TextField()
    status = fields.TextField()
    version = fields.IntField()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "landing_contact"
        app = "landing"


class ContactReply(Model):
    id = fields.UUIDField(primary_key=True)
    contact_id = fields.UUIDField()
    message = fields.TextField()
    staff_id = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "landing_contact_reply"
        app = "landing"


class Signup(Model):
    id = fields.UUIDField(primary_key=True)
    email = fields.TextField()
    email_key = fields.TextField()
    lists = ArrayField(element_type="text")
    locale = fields.TextField()
    address_hash = fields.BinaryField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "landing_signup"
        app = "landing"


class Subscription(Model):
    id = fields.UUIDField(primary_key=True)
    email = fields.TextField()
    email_key = fields.TextField()
    status = fields.TextField()
    lists = ArrayField(element_type="text")
    locale = fields.TextField()
    unsubscribe_token = fields.TextField()
    created_at = fields.DatetimeField()
    confirmed_at = fields.DatetimeField(null=True)
    unsubscribed_at = fields.DatetimeField(null=True)
    updated_at = fields.DatetimeField()

    class Meta:
        table = "landing_subscription"
        app = "landing"


class Confirmation(Model):
    token_hash = fields.BinaryField(primary_key=True)
    subscription_id = fields.UUIDField()
    lists = ArrayField(element_type="text")
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "landing_confirmation"
        app = "landing"


class Consent(Model):
    id = fields.UUIDField(primary_key=True)
    subscription_id = fields.UUIDField()
    action = fields.TextField()
    lists = ArrayField(element_type="text")
    text_version = fields.TextField()
    address_hash = fields.BinaryField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "landing_consent"
        app = "landing"


class Suppression(Model):
    email_hash = fields.BinaryField(primary_key=True)
    reason = fields.TextField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "landing_suppression"
        app = "landing"


class Newsletter(Model):
    id = fields.UUIDField(primary_key=True)
    subject = fields.TextField()
    body = fields.TextField()
    format = fields.TextField()
    body_html = fields.TextField()
    lists = ArrayField(element_type="text")
    locale = fields.TextField(null=True)
    state = fields.TextField()
    send_at = fields.DatetimeField(null=True)
    version = fields.IntField()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "landing_newsletter"
        app = "landing"


class Delivery(Model):
    newsletter_id = fields.UUIDField(primary_key=True)
    subscription_id = fields.UUIDField()
    state = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        table = "landing_delivery"
        app = "landing"


class GithubFeed(Model):
    name = fields.CharField(max_length=120, primary_key=True)
    fetched_at = fields.DatetimeField(null=True)
    attempted_at = fields.DatetimeField(null=True)
    requested_at = fields.DatetimeField(null=True)
    claim = fields.UUIDField(null=True)
    claimed_until = fields.DatetimeField(null=True)
    not_before = fields.DatetimeField(null=True)
    failures = fields.IntField()
    last_error = fields.TextField(null=True)
    digest = fields.BinaryField(null=True)
    rewritten_at = fields.DatetimeField(null=True)

    class Meta:
        table = "landing_github_feed"
        app = "landing"


class GithubPage(Model):
    feed = fields.CharField(max_length=120, primary_key=True)
    url = fields.TextField()
    etag = fields.TextField(null=True)
    next_url = fields.TextField(null=True)
    items: fields.JSONField[list[object]] = fields.JSONField()

    class Meta:
        table = "landing_github_page"
        app = "landing"


class Project(Model):
    id = fields.BigIntField(primary_key=True)
    name = fields.TextField()
    full_name = fields.TextField()
    description = fields.TextField(null=True)
    url = fields.TextField()
    homepage = fields.TextField(null=True)
    stars = fields.IntField()
    forks = fields.IntField()
    open_issues = fields.IntField()
    language = fields.TextField(null=True)
    topics = ArrayField(element_type="text")
    license = fields.TextField(null=True)
    is_fork = fields.BooleanField()
    is_archived = fields.BooleanField()
    pushed_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(null=True)

    class Meta:
        table = "landing_project"
        app = "landing"


class Contribution(Model):
    id = fields.BigIntField(primary_key=True)
    type = fields.TextField()
    state = fields.TextField()
    repo = fields.TextField()
    number = fields.BigIntField()
    title = fields.TextField()
    url = fields.TextField()
    labels = ArrayField(element_type="text")
    comments = fields.IntField()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "landing_contribution"
        app = "landing"
