"""What every payment provider has to keep, as tests: subclass, give two fixtures, and pytest runs them.

    class TestMine(PaymentProviderContract):
        @pytest.fixture
        def provider(self) -> PaymentProvider: ...

        @pytest.fixture
        def shopper_pays(self) -> ShopperPays: ...

The provider talks to a fake of its gateway. `shopper_pays(reference)` does there what a shopper does.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable

import pytest

from feria_core.contracts.money import Money
from feria_core.contracts.payments import (
    InvalidWebhook,
    PaymentDeclined,
    PaymentProvider,
    PaymentReport,
    PaymentRequest,
    PaymentState,
    ProviderUnavailable,
)
from feria_core.ids import new_id

ShopperPays = Callable[[str], Awaitable[None]]
MONEY_IS_THERE = {PaymentState.AUTHORIZED, PaymentState.CAPTURED}
# All that PayPal sends, signed by nobody.
_FORGED = {
    "PayPal-Auth-Algo": "SHA256withRSA",
    "PayPal-Cert-Url": "https://api.paypal.com/v1/notifications/certs/CERT-1",
    "PayPal-Transmission-Id": "69cd13f0-d67a-11e5-baa3-778b53f4ae55",
    "PayPal-Transmission-Sig": "bm90IGEgc2lnbmF0dXJl",
    "PayPal-Transmission-Time": "2016-02-18T20:01:35Z",
}


def request_for(amount: int = 1500, currency: str = "USD", *, is_deferred: bool = False) -> PaymentRequest:
    """Return a payment to open, with fresh ids."""
    return PaymentRequest(
        payment_id=new_id(),
        checkout_id=new_id(),
        amount=Money(amount, currency),
        email="shopper@example.org",
        return_url="https://shop.example.org/back",
        is_deferred=is_deferred,
    )


class PaymentProviderContract:
    """The tests; those about money that moves are left out for a provider that is immediate."""

    async def test_it_says_what_it_is(self, provider: PaymentProvider) -> None:
        assert provider.name
        assert provider.name == provider.name.lower()
        assert provider.label

    async def test_the_same_payment_opened_twice_is_one(self, provider: PaymentProvider) -> None:
        request = request_for()
        first, second = await provider.authorise(request), await provider.authorise(request)
        assert first.reference == second.reference
        assert dict(first.client_data) == dict(second.client_data)

    async def test_two_payments_are_two(self, provider: PaymentProvider) -> None:
        first, second = await provider.authorise(request_for()), await provider.authorise(request_for())
        assert first.reference != second.reference

    async def test_an_unpaid_payment_is_reported_with_what_it_is_for(self, provider: PaymentProvider) -> None:
        request = request_for(1234)
        report = await _reported(provider, request)
        assert report.state is PaymentState.PENDING
        assert (report.amount, report.checkout_id) == (request.amount, request.checkout_id)
        assert report.payment_id in {None, request.payment_id}

    async def test_paid_money_is_reported_or_can_be_captured(
        self, provider: PaymentProvider, shopper_pays: ShopperPays
    ) -> None:
        report = await _paid(provider, request := request_for(), shopper_pays)
        assert report.state is PaymentState.CAPTURED
        assert (report.amount, report.checkout_id) == (request.amount, request.checkout_id)

    async def test_deferred_money_is_only_reserved(self, provider: PaymentProvider, shopper_pays: ShopperPays) -> None:
        report = await _reserved(provider, request := request_for(is_deferred=True), shopper_pays)
        assert (report.amount, report.checkout_id) == (request.amount, request.checkout_id)
        assert report.taken is None

    async def test_reserved_money_is_captured_in_parts_each_once(
        self, provider: PaymentProvider, shopper_pays: ShopperPays
    ) -> None:
        report = await _reserved(provider, request := request_for(1000, is_deferred=True), shopper_pays)
        for part, is_final, so_far in ((300, False, 300), (500, True, 800)):
            capture_id = new_id()
            for _ in range(2):
                after = await provider.capture(
                    report.reference,
                    payment_id=request.payment_id,
                    amount=Money(part, "USD"),
                    capture_id=capture_id,
                    is_final=is_final,
                )
            assert after.taken == Money(so_far, "USD")
        assert after.state is PaymentState.CAPTURED

    async def test_more_than_is_reserved_is_not_captured(
        self, provider: PaymentProvider, shopper_pays: ShopperPays
    ) -> None:
        report = await _reserved(provider, request := request_for(1000, is_deferred=True), shopper_pays)
        with pytest.raises(PaymentDeclined):
            await provider.capture(
                report.reference, payment_id=request.payment_id, amount=Money(1500, "USD"), capture_id=new_id()
            )

    async def test_reserved_money_is_let_go_twice_and_never_captured(
        self, provider: PaymentProvider, shopper_pays: ShopperPays
    ) -> None:
        report = await _reserved(provider, request := request_for(is_deferred=True), shopper_pays)
        for _ in range(2):
            voided = await provider.void(report.reference, payment_id=request.payment_id)
            assert voided.state is PaymentState.CANCELLED

    async def test_the_rest_of_a_partial_capture_is_let_go(
        self, provider: PaymentProvider, shopper_pays: ShopperPays
    ) -> None:
        report = await _reserved(provider, request := request_for(1000, is_deferred=True), shopper_pays)
        await provider.capture(
            report.reference,
            payment_id=request.payment_id,
            amount=Money(400, "USD"),
            capture_id=new_id(),
            is_final=False,
        )
        for _ in range(2):
            voided = await provider.void(report.reference, payment_id=request.payment_id)
            assert (voided.state, voided.taken) == (PaymentState.CAPTURED, Money(400, "USD"))

    async def test_an_unpaid_payment_can_be_voided_twice(self, provider: PaymentProvider) -> None:
        request = request_for()
        session = await provider.authorise(request)
        for _ in range(2):
            report = await provider.void(session.reference, payment_id=request.payment_id)
            assert report.state is PaymentState.CANCELLED

    async def test_voiding_captured_money_says_that_it_has_moved(
        self, provider: PaymentProvider, shopper_pays: ShopperPays
    ) -> None:
        report = await _paid(provider, request := request_for(), shopper_pays)
        answer = await provider.void(report.reference, payment_id=request.payment_id)
        assert answer.state is PaymentState.CAPTURED

    async def test_the_same_refund_asked_twice_is_one(
        self, provider: PaymentProvider, shopper_pays: ShopperPays
    ) -> None:
        report = await _paid(provider, request_for(1000), shopper_pays)
        refund_id = new_id()
        for _ in range(2):
            await provider.refund(report.reference, refund_id=refund_id, amount=Money(600, "USD"))
        # A second refund under the first one's id would have left nothing of these 400.
        await provider.refund(report.reference, refund_id=new_id(), amount=Money(400, "USD"))

    async def test_more_than_was_captured_is_not_refunded(
        self, provider: PaymentProvider, shopper_pays: ShopperPays
    ) -> None:
        report = await _paid(provider, request_for(1000), shopper_pays)
        with pytest.raises(PaymentDeclined):
            await provider.refund(report.reference, refund_id=new_id(), amount=Money(1001, "USD"))

    async def test_an_unknown_payment_is_no_report(self, provider: PaymentProvider) -> None:
        with pytest.raises(ProviderUnavailable):
            await provider.report("unknown_reference")

    @pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"id": "evt_1", "type": "x"}'])
    async def test_what_nobody_signed_is_no_webhook(self, provider: PaymentProvider, body: bytes) -> None:
        for headers in ({}, {"Stripe-Signature": "t=1,v1=00"}, {"Stripe-Signature": "é"}, _FORGED):
            with pytest.raises(InvalidWebhook):
                note = provider.parse_webhook(body, headers)
                if inspect.isawaitable(note):
                    await note


async def _reported(provider: PaymentProvider, request: PaymentRequest) -> PaymentReport:
    _skip_immediate(provider)
    return await provider.report((await provider.authorise(request)).reference)


async def _reserved(provider: PaymentProvider, request: PaymentRequest, shopper_pays: ShopperPays) -> PaymentReport:
    _skip_immediate(provider)
    reference = (await provider.authorise(request)).reference
    await shopper_pays(reference)
    report = await provider.report(reference)
    if report.state is PaymentState.APPROVED:
        for _ in range(2):
            report = await provider.reserve(reference, payment_id=request.payment_id, amount=request.amount)
    assert report.state is PaymentState.AUTHORIZED
    return report


async def _paid(provider: PaymentProvider, request: PaymentRequest, shopper_pays: ShopperPays) -> PaymentReport:
    _skip_immediate(provider)
    reference = (await provider.authorise(request)).reference
    await shopper_pays(reference)
    report = await provider.report(reference)
    assert report.state in MONEY_IS_THERE
    if report.state is PaymentState.AUTHORIZED:
        return await provider.capture(reference, payment_id=request.payment_id, amount=request.amount)
    return report


def _skip_immediate(provider: PaymentProvider) -> None:
    if provider.is_immediate:
        pytest.skip("no money moves through an immediate provider")
