/** A guest's checkout belongs to whoever holds its token, which only the answer that begins it carries. */

import { once, type Schemas, unwrap } from "@feria/client";

import { api, loadCart } from "../shop.ts";

type Checkout = Schemas["CheckoutOut"];

const KEPT = "feria.checkout.";

/** Begin the checkout of the cart, or go on with the one that it is in. */
export async function openCheckout(): Promise<Checkout> {
  const checkout = await unwrap(api.POST("/api/checkouts"));
  if (checkout.token) sessionStorage.setItem(KEPT + checkout.id, checkout.token);
  return checkout;
}

/** Return what names a checkout as ours in a call. */
export function mine(checkout: Checkout) {
  const token = sessionStorage.getItem(KEPT + checkout.id);
  return { params: { path: { checkout_id: checkout.id }, header: token ? { "Checkout-Token": token } : {} } };
}

/** Open a payment of the total; what comes back says where to pay, where that is not here. */
export async function openPayment(checkout: Checkout, provider: string): Promise<Schemas["PaymentOut"]> {
  const { params } = mine(checkout);
  const header = { ...params.header, "Idempotency-Key": once() };
  return unwrap(api.POST("/api/checkouts/{checkout_id}/payments", { params: { ...params, header }, body: { provider } }));
}

/**
 * Place the order and return the address of its page. Throws FeriaProblem, `payment_failed` where nothing is paid.
 *
 * Completing is repeatable by itself; a fresh key asks again instead of hearing the last refusal once more.
 */
export async function complete(checkout: Checkout): Promise<string> {
  const { params } = mine(checkout);
  const header = { ...params.header, "Idempotency-Key": once() };
  const body = { expected_total: checkout.grand_total };
  const order = await unwrap(api.POST("/api/checkouts/{checkout_id}/complete", { params: { ...params, header }, body }));
  sessionStorage.removeItem(KEPT + checkout.id);
  await loadCart();
  const token = order.token ? `?token=${encodeURIComponent(order.token)}` : "";
  return `/orders/${order.number}${token}#new`;
}

/** Return whether the order is placed: the provider's webhook alone is enough for that. */
export async function isPlaced(checkout: Checkout): Promise<boolean> {
  const now = await unwrap(api.GET("/api/checkouts/{checkout_id}", mine(checkout)));
  return now.order_number !== null;
}
