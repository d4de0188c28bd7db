"""Why landing refuses: the reasons of its own."""

from __future__ import annotations

from feria_core.errors import BadRequest, Conflict, NotFound, StaleVersion


class EventUnknown(NotFound):
    def __init__(self, key: str) -> None:
        super().__init__(f"There is no event '{key[:120]}': GET /api/events lists those that are there.")


class TestimonialUnknown(NotFound):
    __test__ = False

    def __init__(self, key: str) -> None:
        super().__init__(f"There is no testimonial '{key[:120]}': it may have been deleted already.")


class ContactUnknown(NotFound):
    def __init__(self, key: str) -> None:
        super().__init__(f"There is no message '{key[:120]}': it may have been deleted already.")


class SubscriptionUnknown(NotFound):
    def __init__(self, key: str) -> None:
        super().__init__(f"There is no subscription '{key[:120]}': it may have been deleted already.")


class NewsletterUnknown(NotFound):
    def __init__(self, key: str) -> None:
        super().__init__(f"There is no newsletter '{key[:120]}': it may have been deleted already.")


class EventSlugTaken(Conflict):
    """Another event has the slug that staff chose."""

    code, title = "slug_taken", "The slug is taken"

    def __init__(self, slug: str) -> None:
        super().__init__(f"Another event has the slug '{slug}': choose another one.")


class LinkInvalid(BadRequest):
    """The link of a mail is unknown, expired or used."""

    code, title = "invalid_token", "The link does not hold"

    def __init__(self) -> None:
        super().__init__("The link was used, has expired or was never given out: subscribe again to get a new one.")


class NewsletterNotDraft(Conflict):
    """The newsletter has been started: what people are getting cannot be changed."""

    code, title = "newsletter_not_draft", "The newsletter is no draft any more"

    def __init__(self, state: str) -> None:
        super().__init__(f"The newsletter is {state}: only a draft can be changed, sent or deleted; write a new one.")


class NewsletterNotRunning(Conflict):
    """There is nothing left to stop."""

    code, title = "newsletter_not_running", "The newsletter is not being sent"

    def __init__(self, state: str) -> None:
        super().__init__(f"The newsletter is {state}: only one that is being sent can be stopped.")


def check_version(stored: int, given: int | None) -> None:
    """Raise StaleVersion where another version than the stored one was edited; None is not checked."""
    if given is not None and given != stored:
        raise StaleVersion(
            f"Version {given} was edited, {stored} is stored: read it again and repeat the change.",
            members={"version": stored},
        )
