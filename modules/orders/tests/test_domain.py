from dataclasses import replace

import pytest

from feria_core.contracts.money import Money
from feria_orders.domain import check_draft, parse_number
from feria_orders.texts import event_text


@pytest.mark.parametrize("text", ["F-7K3M-9QXP", "f-7k3m-9qxp", "F7K3M9QXP", "f7k3m-9qxp"])
def test_a_number_is_understood_as_people_type_it(text):
    assert parse_number(text) == "F-7K3M-9QXP"


def test_letters_that_look_like_digits_are_digits():
    assert parse_number("F-OIL0-1111") == "F-0110-1111"


@pytest.mark.parametrize(
    "text", ["", "F", "7K3M-9QXP", "F-7K3M-9QX", "F-7K3M-9QXU", "F-7K3M-9QXPP", "\x00", "\uff46-7K3M-9QXP", "F" * 99]
)
def test_garbage_is_no_number(text):
    assert parse_number(text) is None


def test_an_event_speaks_the_readers_language():
    assert event_text("paid", "es") == "Pago recibido"
    assert event_text("paid", "fr") == "Payment received"
    assert event_text("sung_about", "es") == "sung_about"


def test_a_draft_that_adds_up_passes(draft, order_line):
    check_draft(draft([order_line(1999, 3, discount=100)], shipping=500, tax=130))
    check_draft(draft([order_line(1999, 3, discount=100)], shipping=500, tax=130, tax_included=True))


def test_a_draft_without_lines_is_refused(draft):
    with pytest.raises(ValueError, match="no lines"):
        check_draft(replace(draft(), lines=()))


@pytest.mark.parametrize("field", ["subtotal", "discount_total", "shipping_total", "grand_total", "tax_total"])
def test_a_total_that_is_off_by_one_is_refused(draft, field):
    made = draft(shipping=500, tax=130)
    with pytest.raises(ValueError, match="is not"):
        check_draft(replace(made, **{field: getattr(made, field) + Money(1, "USD")}))


def test_two_currencies_in_one_draft_are_refused(draft):
    with pytest.raises(ValueError, match="mixes currencies"):
        check_draft(replace(draft(), shipping_total=Money(0, "EUR")))


def test_a_line_that_does_not_add_up_is_refused(draft, order_line):
    with pytest.raises(ValueError, match="does not add up"):
        check_draft(draft([replace(order_line(), total=Money(999, "USD"))]))
