import { once, type Schemas, unwrap } from "@feria/client";
import { useLocation } from "preact-iso";
import { useState } from "preact/hooks";

import { date, moment, money, t } from "../i18n.ts";
import { api, type Order } from "../shop.ts";
import { AddressLines } from "../ui/address.tsx";
import { useLoaded } from "../ui/loaded.ts";
import { Await, Refusal, Title } from "../ui/page.tsx";
import { Totals } from "../ui/totals.tsx";

/** An order to its buyer: signed in, or with the token of the mail's link. */
export function OrderPage({ number }: { number: string }) {
  const { query } = useLocation();
  const token = query["token"];
  const [isNew] = useState(location.hash === "#new");
  const params = { path: { number }, query: token ? { token } : {} };
  const order = useLoaded(() => unwrap(api.GET("/api/orders/{number}", { params })), [number, token]);
  const [error, setError] = useState<unknown>(null);
  async function cancel() {
    const call = api.POST("/api/orders/{number}/cancel", { params: { ...params, header: { "Idempotency-Key": once() } } });
    await unwrap(call).then(order.set, setError);
  }
  return (
    <Await loaded={order}>
      {(found) => (
        <div class="wide split order">
          <div>
            {isNew && <Thanks order={found} />}
            {isNew ? <h2>{t("order_number", { number: found.number })}</h2> : <Title>{t("order_number", { number: found.number })}</Title>}
            <States order={found} />
            <ul class="mini-lines">
              {found.items.map((item) => (
                <li key={item.id}>
                  <span class="picture">{item.image && <img src={`${item.image.url}?w=160`} alt="" width="160" height="160" />}</span>
                  <span>
                    {item.quantity} × {item.name} <span class="quiet small">{Object.values(item.options).join(", ")}</span>
                  </span>
                  <span>{money(item.total)}</span>
                </li>
              ))}
            </ul>
            <h2>{t("timeline")}</h2>
            <ol class="timeline">
              {found.timeline.map((event) => (
                <li key={event.at + event.kind}>
                  <time dateTime={event.at}>{moment(event.at)}</time>
                  <span>{event.message}</span>
                </li>
              ))}
            </ol>
          </div>
          <aside class="summary" aria-label={t("total")}>
            {found.shipping_address && <AddressLines address={found.shipping_address} />}
            <OrderTotals order={found} />
            <p>
              <a href={`/api/orders/${found.number}/invoice.pdf${token ? `?token=${encodeURIComponent(token)}` : ""}`} target="_blank" rel="noopener">
                {t("invoice")}
              </a>
            </p>
            {found.status === "open" && found.fulfilment_status === "unfulfilled" && (
              <button type="button" class="second" onClick={cancel}>
                {t("cancel_order")}
              </button>
            )}
            {error !== null && <Refusal error={error} />}
          </aside>
        </div>
      )}
    </Await>
  );
}

function Thanks({ order }: { order: Order }) {
  return (
    <div class="thanks">
      <Title>{t("order_thanks")}</Title>
      <p>
        {t("order_thanks_lead", { email: order.email })} <a href="/dev/mailbox">{t("footer_mail")}</a>
      </p>
    </div>
  );
}

function States({ order }: { order: Order }) {
  const states = order.status === "cancelled" ? [order.status, order.payment_status] : [order.payment_status, order.fulfilment_status];
  return (
    <p class="states">
      <span class="quiet">{date(order.placed_at)}</span>
      {[...new Set(states)].map((state) => (
        <span key={state} class={`badge state-${state}`}>
          {t(`status_${state}`)}
        </span>
      ))}
    </p>
  );
}

function OrderTotals({ order }: { order: Order }) {
  const lines: { label: string; amount: Schemas["MoneyOut"]; isMinus?: boolean }[] = [
    { label: t("subtotal"), amount: order.subtotal },
    ...(order.discount_total.amount ? [{ label: t("discount"), amount: order.discount_total, isMinus: true }] : []),
    { label: order.shipping_label ?? t("shipping"), amount: order.shipping_total },
    ...order.tax_lines.filter((line) => line.amount.amount).map((line) => ({ label: line.label, amount: line.amount })),
  ];
  return <Totals lines={lines} total={order.grand_total} note={order.tax_included ? t("tax_included") : undefined} />;
}
