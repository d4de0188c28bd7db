"""The parameters that Stripe documents for each call (https://docs.stripe.com/api).

Those that change nothing in the fake are taken and ignored; unknown ones are refused, as by Stripe.
"""

from __future__ import annotations

IGNORED_ANYWHERE = frozenset(
    {
        "amount_details",
        "application_fee_amount",
        "hooks",
        "payment_details",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
        "transfer_group",
    }
)
IGNORED_BEFORE_PAYMENT = IGNORED_ANYWHERE | frozenset(
    {
        "allowed_payment_method_types",
        "capture_method",
        "confirmation_method",
        "confirmation_token",
        "customer",
        "customer_account",
        "error_on_requires_action",
        "excluded_payment_method_types",
        "mandate",
        "mandate_data",
        "off_session",
        "on_behalf_of",
        "payment_method_configuration",
        "payment_method_data",
        "payment_method_options",
        "payment_method_types",
        "radar_options",
        "setup_future_usage",
        "shipping",
        "use_stripe_sdk",
    }
)
CREATE = IGNORED_BEFORE_PAYMENT | frozenset(
    {
        "amount",
        "automatic_payment_methods",
        "confirm",
        "currency",
        "description",
        "metadata",
        "payment_method",
        "receipt_email",
        "return_url",
    }
)
UPDATE = IGNORED_BEFORE_PAYMENT | frozenset(
    {
        "amount",
        "currency",
        "description",
        "metadata",
        "payment_method",
        "receipt_email",
    }
)
CONFIRM = IGNORED_BEFORE_PAYMENT | frozenset(
    {
        "amount_to_confirm",
        "payment_method",
        "receipt_email",
        "return_url",
    }
)
CAPTURE = IGNORED_ANYWHERE | frozenset(
    {
        "amount_to_capture",
        "final_capture",
        "metadata",
    }
)
REFUND = frozenset(
    {
        "amount",
        "charge",
        "currency",
        "instructions_email",
        "metadata",
        "origin",
        "payment_intent",
        "reason",
        "refund_application_fee",
        "reverse_transfer",
    }
)
PAGE = frozenset(
    {
        "created",
        "ending_before",
        "limit",
        "starting_after",
    }
)
