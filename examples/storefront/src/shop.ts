/** The shop's client, and what every page knows: language, enabled modules, cart, who is signed in. */

import { createFeria, FeriaProblem, type Schemas, unwrap } from "@feria/client";
import { computed, effect, signal } from "@preact/signals";

import { language } from "./i18n.ts";

export type Card = Schemas["ProductCard"];
export type Cart = Schemas["CartOut"];
export type Money = Schemas["MoneyOut"];
export type Order = Schemas["OrderOut"];

// A page's script is all ours under the Content-Security-Policy, so what it keeps is as safe as a cookie's value.
export const feria = createFeria({
  keeper: localStorage,
  language: () => language.value,
  onSignedOut: () => (account.value = null),
});
export const { api } = feria;

export const cart = signal<Cart | null>(null);
export const account = signal<Schemas["ProfileOut"] | null>(null);
export const modules = signal<ReadonlySet<string>>(new Set());
export const isReady = signal(false);
export const pieces = computed(() => (cart.value?.items ?? []).reduce((sum, item) => sum + item.quantity, 0));

/** Return whether a module runs here: its part of the shop is left away otherwise. */
export const has = (module: string): boolean => modules.value.has(module);

/** Ask once for what every page needs. */
export async function begin(): Promise<void> {
  const installed = await unwrap(api.GET("/api/modules"));
  modules.value = new Set(installed.items.filter((each) => each.status === "enabled").map((each) => each.name));
  await Promise.allSettled([loadCart(), loadAccount()]);
  isReady.value = true;
}

export async function loadCart(): Promise<void> {
  if (has("cart") && (feria.credentials.cartToken || feria.credentials.isSignedIn)) {
    cart.value = await unwrap(api.GET("/api/cart"));
  }
}

export async function loadAccount(): Promise<void> {
  if (feria.credentials.isSignedIn) account.value = await unwrap(api.GET("/api/users/me"));
}

export async function signIn(email: string, password: string, otp?: string): Promise<void> {
  // The guest's Cart-Token goes along, so his cart is merged into the customer's.
  const tokens = await unwrap(api.POST("/api/auth/login", { body: { email, password, ...(otp ? { otp } : {}) } }));
  feria.credentials.keep(tokens);
  feria.credentials.cartToken = null;
  await Promise.allSettled([loadAccount(), loadCart()]);
}

export async function signOut(): Promise<void> {
  const token = feria.credentials.refreshToken;
  if (token) await api.POST("/api/auth/logout", { body: { refresh_token: token } });
  feria.credentials.forget();
  account.value = null;
  cart.value = null;
}

/** Put pieces into the cart and return the cart. Throws FeriaProblem, `out_of_stock` with what is left. */
export async function add(variantId: string, quantity = 1): Promise<Cart> {
  cart.value = await unwrap(api.POST("/api/cart/items", { body: { variant_id: variantId, quantity } }));
  return cart.value;
}

/** Tell what was looked at, for recommendations; nobody waits for it, and it may fail. */
export function tell(event: Schemas["ActivityEvent"]): void {
  if (has("personalization")) void api.POST("/api/activity", { body: { events: [event] } }).catch(() => undefined);
}

/** The sentence to show for whatever went wrong. */
export const sentence = (error: unknown): string => (error instanceof FeriaProblem ? error.message : String(error));

effect(() => {
  document.documentElement.lang = language.value;
});
