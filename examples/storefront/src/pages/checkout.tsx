import { type Schemas, unwrap } from "@feria/client";
import { useLocation } from "preact-iso";
import { useEffect, useState } from "preact/hooks";

import { date, money, t } from "../i18n.ts";
import { account, api, has, isReady } from "../shop.ts";
import { type Address, AddressFields, AddressLines, addressOf } from "../ui/address.tsx";
import { Picture } from "../ui/card.tsx";
import { Field, Form } from "../ui/form.tsx";
import { useLoaded } from "../ui/loaded.ts";
import { Await, Title } from "../ui/page.tsx";
import { Totals } from "../ui/totals.tsx";
import { mine, openCheckout } from "./checkout-calls.ts";
import { Payment } from "./payment.tsx";

type Checkout = Schemas["CheckoutOut"];

/** One page, three questions: where to, how, and with what money. */
export function CheckoutPage() {
  const { route } = useLocation();
  const opened = useLoaded(async () => (isReady.value ? openCheckout() : null), [isReady.value]);
  useEffect(() => {
    if (isReady.value && opened.error) route("/cart", true);
  }, [opened.error]);
  return <Await loaded={opened}>{(checkout) => <Steps key={checkout?.id} first={checkout} />}</Await>;
}

function Steps({ first }: { first: Checkout | null }) {
  const [checkout, setCheckout] = useState(first);
  const [isEditing, setEditing] = useState(false);
  if (!checkout) return <div class="placeholder" />;
  const edit = async (body: Schemas["CheckoutPatch"]) => setCheckout(await unwrap(api.PATCH("/api/checkouts/{checkout_id}", { ...mine(checkout), body })));
  const isAddressed = !!checkout.email && !!checkout.shipping_address && !isEditing;
  return (
    <div class="wide split">
      <div class="steps">
        <Title>{t("checkout")}</Title>
        {!account.value && has("users") && (
          <p class="quiet">
            <a href="/login?next=/checkout">{t("guest")}</a>
          </p>
        )}
        <section aria-labelledby="step-address">
          <h2 id="step-address">1. {t("address")}</h2>
          {isAddressed && checkout.shipping_address ? (
            <div class="settled">
              <div>
                <p>{checkout.email}</p>
                <AddressLines address={checkout.shipping_address} />
              </div>
              <button type="button" class="plain" onClick={() => setEditing(true)}>
                ✎ {t("address")}
              </button>
            </div>
          ) : (
            <WhereTo
              checkout={checkout}
              send={async (email, address) => {
                await edit({ email, shipping_address: address });
                setEditing(false);
              }}
            />
          )}
        </section>
        {isAddressed && <Delivery checkout={checkout} choose={(code) => edit({ shipping_method: code })} />}
        {isAddressed && checkout.shipping_method && <Payment key={checkout.version} checkout={checkout} />}
      </div>
      <aside class="summary" aria-label={t("order")}>
        <ul class="mini-lines">
          {checkout.items.map((item) => (
            <li key={item.id}>
              <Picture image={item.product?.image ?? null} sizes="4rem" />
              <span>
                {item.quantity} × {item.name} <span class="quiet small">{Object.values(item.options).join(", ")}</span>
              </span>
              <span>{money(item.total)}</span>
            </li>
          ))}
        </ul>
        <CheckoutTotals checkout={checkout} />
      </aside>
    </div>
  );
}

function WhereTo({ checkout, send }: { checkout: Checkout; send: (email: string, address: Address) => Promise<void> }) {
  const saved = useLoaded(async () => (account.value ? (await unwrap(api.GET("/api/users/me/addresses"))).items : []), [account.value?.id]);
  const usual = saved.data?.find((each) => each.is_default_shipping) ?? saved.data?.[0];
  if (!saved.data) return <div class="placeholder" />;
  return (
    <Form send={(values) => send(values["email"] ?? "", addressOf(values))} label={t("continue")}>
      <Field name="email" type="email" label={t("email")} autocomplete="email" value={checkout.email ?? account.value?.email ?? null} />
      <AddressFields value={checkout.shipping_address ?? usual ?? null} />
    </Form>
  );
}

function Delivery({ checkout, choose }: { checkout: Checkout; choose: (code: string) => Promise<void> }) {
  const address = JSON.stringify(checkout.shipping_address);
  const methods = useLoaded(() => unwrap(api.GET("/api/checkouts/{checkout_id}/shipping-methods", mine(checkout))), [checkout.id, address]);
  return (
    <section aria-labelledby="step-delivery">
      <h2 id="step-delivery">2. {t("delivery")}</h2>
      <Await loaded={methods}>
        {({ items }) => (
          <fieldset class="choices">
            <legend class="unseen">{t("delivery")}</legend>
            {items.map((method) => (
              <label key={method.code}>
                <input type="radio" name="method" checked={checkout.shipping_method === method.code} onChange={() => void choose(method.code)} />
                <span>
                  <strong>{method.label}</strong>
                  <span class="quiet small">{t("delivery_between", { from: date(method.earliest, "medium"), to: date(method.latest, "medium") })}</span>
                </span>
                <span>{method.price.amount ? money(method.price) : t("free")}</span>
              </label>
            ))}
          </fieldset>
        )}
      </Await>
    </section>
  );
}

function CheckoutTotals({ checkout }: { checkout: Checkout }) {
  const lines = [
    { label: t("subtotal"), amount: checkout.subtotal },
    ...(checkout.discount_total.amount ? [{ label: t("discount"), amount: checkout.discount_total, isMinus: true }] : []),
    ...(checkout.shipping_method ? [{ label: t("shipping"), amount: checkout.shipping_total }] : []),
    ...checkout.tax_lines.filter((line) => line.amount.amount).map((line) => ({ label: line.label, amount: line.amount })),
  ];
  return <Totals lines={lines} total={checkout.grand_total} note={checkout.tax_included ? t("tax_included") : undefined} />;
}
