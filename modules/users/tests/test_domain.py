from __future__ import annotations

import pytest

from feria_core.errors import Invalid
from feria_users.domain import deliverable, parse_email
from feria_users.service.password_rules import check_password


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("ana@example.org", "ana@example.org"),
        ("Ana.Castro@Example.ORG", "ana.castro@example.org"),
        ("\uff41\uff4e\uff41@example.org", "ana@example.org"),
        ("ana\uff20example.org", "ana@example.org"),
        ("ana@B\u00fccher.example", "ana@xn--bcher-kva.example"),
        ("ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
        ("\u00d1and\u00fa@example.org", "\u00f1and\u00fa@example.org"),
        ("n\u0303andu\u0301@example.org", "\u00f1and\u00fa@example.org"),
        ("o'brien+shop@example.org", "o'brien+shop@example.org"),
    ],
)
def test_addresses_are_compared_without_case_width_and_encoding(typed, compared):
    address = parse_email(typed)
    assert address is not None
    assert (address.typed, address.normalized) == (typed, compared)


def test_look_alikes_do_not_share_an_account():
    latin, cyrillic = parse_email("paypal@example.org"), parse_email("p\u0430ypal@example.org")
    assert latin
    assert cyrillic
    assert latin.normalized != cyrillic.normalized


@pytest.mark.parametrize(
    "text",
    [
        "", "ana", "ana@", "@example.org", "ana@localhost", "ana@example", "ana@exa mple.org", "ana @example.org",
        "ana@example.org\n", "ana\r\nBcc: x@example.org", "a@b@example.org", ".ana@example.org", "ana.@example.org",
        "a..b@example.org", "ana@-example.org", "ana@example..org", "ana@example.org.", "ana@127.0.0.1",
        "Ana <ana@example.org>", "a,b@example.org", "\u202eana@example.org", "ana\u200b@example.org",
        "a" * 65 + "@example.org", "ana@" + "a" * 250 + ".org", "\ud800@example.org",
        "ana@\ud800.org", "ana@\u2100.org",
    ],
)  # fmt: skip
def test_what_no_mail_can_be_sent_to_is_no_address(text):
    assert parse_email(text) is None


def test_mail_goes_to_the_form_that_servers_take():
    assert deliverable("\uff21na@B\u00fccher.example") == "Ana@xn--bcher-kva.example"


@pytest.mark.parametrize("password", ["password1", "PASSWORD123", "12345678", "qwertyuiop", "Jennifer", "11111111"])
def test_common_passwords_are_refused(password):
    with pytest.raises(Invalid, match="most common"):
        check_password(password, "ana@example.org")


@pytest.mark.parametrize("password", ["Ana.Castro@example.org", "ana.castro@EXAMPLE.org"])
def test_the_address_is_no_password(password):
    with pytest.raises(Invalid, match="must not be the e-mail"):
        check_password(password, "ana.castro@example.org")


@pytest.mark.parametrize("password", ["short", "x" * 257])
def test_length_is_checked_where_no_body_was_read(password):
    with pytest.raises(Invalid, match="take 8 to 256"):
        check_password(password, "ana@example.org")
