from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feria_core.errors import Invalid
from feria_users.domain import EmailAddress, ascii_lower, compared, deliverable, parse_email, spellings
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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paypal", "p\u0430ypal"), ("admin", "adm\u0131n"), ("admin", "adm\u0456n"), ("strasse", "stra\u00dfe"),
        ("\u03bf\u03b4\u03bf\u03c2", "\u03bf\u03b4\u03bf\u03c3"), ("info", "inf\u03bf"),
        ("ana", "a\u0303na"), ("\u1fb3", "\u03b1\u03b9"), ("i\u0307van", "ivan"),
    ],
)  # fmt: skip
def test_look_alikes_do_not_share_an_account(one, other):
    first, second = parse_email(f"{one}@example.org"), parse_email(f"{other}@example.org")
    assert first
    assert second
    assert first.normalized != second.normalized


@pytest.mark.parametrize(
    "letter", ["\u00ad", "\u034f", "\u115f", "\u200b", "\u200d", "\u2060", "\u2800", "\u3164", "\ufe0f", "\U000e0041"]
)
def test_letters_that_show_nothing_are_in_no_address(letter):
    assert parse_email(f"an{letter}a@example.org") is None


LETTERS = st.characters(codec="utf-8")
TRICKY = "aIiK\u0130\u0131\u00df\u1e9e\u017f\u212a\u03c2\u03a3\ufb01."
PARTS = st.text(st.one_of(st.sampled_from(TRICKY), LETTERS), min_size=1, max_size=8)
HOSTS = st.sampled_from(["example.org", "EXAMPLE.org", "b\u00fccher.example", "xn--bcher-kva.example", "faß.example"])


@given(one=PARTS, other=PARTS, host=HOSTS, second=HOSTS)
@settings(max_examples=500, deadline=None)
def test_two_mailboxes_never_share_an_account_and_one_has_one(one, other, host, second):
    first, then = parse_email(f"{one}@{host}"), parse_email(f"{other}@{second}")
    for address in filter(None, (first, then)):
        again = parse_email(deliverable(address.typed))
        assert again is not None
        assert again.normalized == address.normalized
        assert parse_email(address.normalized) is None or parse_email(address.normalized) == EmailAddress(
            address.normalized, address.normalized
        )
    if first and then:
        are_one = deliverable(first.typed).lower() == deliverable(then.typed).lower()
        assert (first.normalized == then.normalized) is are_one


def test_no_two_small_letters_are_compared_as_one():
    letters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    plain = [letter for letter in letters if letter == unicodedata.normalize("NFKC", letter) == letter.lower()]
    assert len({compared(letter) for letter in plain}) == len(plain)
    assert [letter for letter in letters if compared(compared(letter)) != compared(letter)] == []


def test_other_tables_are_asked_for_every_spelling():
    assert spellings("Ana@B\u00fccher.example", "ana@xn--bcher-kva.example") == (
        "ana@b\u00fccher.example", "ana@xn--bcher-kva.example",
    )  # fmt: skip
    assert ascii_lower("\u0130K\u212a") == "\u0130k\u212a"


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
