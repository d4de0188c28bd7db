import { type Schemas, unwrap } from "@feria/client";
import { useState } from "preact/hooks";

import { money, t } from "../i18n.ts";
import { api, cart, has, isReady } from "../shop.ts";
import { Picture, Price } from "../ui/card.tsx";
import { Field, Form } from "../ui/form.tsx";
import { Refusal, Title } from "../ui/page.tsx";
import { Totals } from "../ui/totals.tsx";

type Item = Schemas["CartItemOut"];
type Change = Schemas["ChangeOut"];

export function CartPage() {
  const now = cart.value;
  if (!isReady.value) return <div class="placeholder" role="status" aria-label={t("loading")} />;
  if (!now?.items.length) {
    return (
      <div class="wide centered">
        <Title>{t("cart")}</Title>
        <p>{t("cart_empty")}</p>
        <a class="button" href="/products">
          {t("continue_shopping")}
        </a>
      </div>
    );
  }
  const discounts = now.discounts.map((each) => ({ label: each.label, amount: each.amount, isMinus: true }));
  return (
    <div class="wide split">
      <div>
        <Title>{t("cart")}</Title>
        <Changes changes={now.changes} />
        <ul class="lines-list">
          {now.items.map((item) => (
            <Line key={item.id} item={item} />
          ))}
        </ul>
      </div>
      <aside class="summary" aria-label={t("total")}>
        {has("promotions") && <Codes codes={now.codes} />}
        <Totals lines={[{ label: t("subtotal"), amount: now.subtotal }, ...discounts]} total={now.total} />
        {now.minimum && now.minimum.missing.amount > 0 ? (
          <p class="notice">{t("minimum", { missing: money(now.minimum.missing) })}</p>
        ) : (
          <a class="button block" href="/checkout">
            {t("checkout")}
          </a>
        )}
      </aside>
    </div>
  );
}

function Line({ item }: { item: Item }) {
  const [error, setError] = useState<unknown>(null);
  const params = { path: { item_id: item.id } };
  async function set(quantity: number) {
    try {
      cart.value = await unwrap(api.PATCH("/api/cart/items/{item_id}", { params, body: { quantity } }));
      setError(null);
    } catch (refusal) {
      setError(refusal);
    }
  }
  return (
    <li>
      <Picture image={item.product.image} sizes="6rem" />
      <div>
        <h2 class="line-name">
          <a href={`/products/${item.product.slug}`}>{item.product.name}</a>
        </h2>
        <p class="quiet small">{Object.values(item.options).join(", ")}</p>
        <div class="stepper" role="group" aria-label={t("quantity")}>
          <button type="button" class="second" aria-label={t("quantity_less")} onClick={() => set(item.quantity - 1)}>
            −
          </button>
          <output>{item.quantity}</output>
          <button type="button" class="second" aria-label={t("quantity_more")} onClick={() => set(item.quantity + 1)}>
            +
          </button>
          <button type="button" class="plain small" aria-label={t("remove", { name: item.product.name })} onClick={() => set(0)}>
            {t("delete")}
          </button>
        </div>
        {error !== null && <Refusal error={error} />}
      </div>
      <Price now={item.total} />
    </li>
  );
}

/** Codes are taken or refused with the reason: what is missing, since when, for whom. */
function Codes({ codes }: { codes: readonly string[] }) {
  async function send(values: Record<string, string>) {
    cart.value = await unwrap(api.POST("/api/cart/codes", { body: { code: values["code"] ?? "" } }));
  }
  async function remove(code: string) {
    cart.value = await unwrap(api.DELETE("/api/cart/codes/{code}", { params: { path: { code } } }));
  }
  return (
    <>
      {codes.length > 0 && (
        <ul class="chips">
          {codes.map((code) => (
            <li key={code}>
              {code}{" "}
              <button type="button" class="plain" aria-label={t("remove", { name: code })} onClick={() => remove(code)}>
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <Form send={send} label={t("apply")} class="joined-form" key={codes.join()}>
        <Field name="code" label={t("code")} autocomplete="off" />
      </Form>
    </>
  );
}

const CHANGES = ["price_up", "price_down", "quantity_cut", "removed", "gift_added"] as const;

function Changes({ changes }: { changes: readonly Change[] }) {
  if (!changes.length) return null;
  async function accept() {
    cart.value = await unwrap(api.POST("/api/cart/acknowledge"));
  }
  return (
    <div class="notice">
      {changes.map((change, index) => (
        <p key={index}>{told(change)}</p>
      ))}
      <button type="button" class="second" onClick={accept}>
        OK
      </button>
    </div>
  );
}

function told(change: Change): string {
  const kind = CHANGES.find((each) => each === change.kind);
  const [was, now] = [change.was, change.now].map((value) => (typeof value === "object" && value ? money(value) : String(value)));
  return t(kind ? `change_${kind}` : "change_other", { was: was ?? "", now: now ?? "" });
}
