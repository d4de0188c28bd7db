import { type Schemas, unwrap } from "@feria/client";
import { useLocation } from "preact-iso";
import { useEffect, useState } from "preact/hooks";

import { date, money, t } from "../i18n.ts";
import { account, api, has, isReady, signOut } from "../shop.ts";
import { AddressFields, AddressLines, addressOf } from "../ui/address.tsx";
import { announce } from "../ui/announce.tsx";
import { Field, Form } from "../ui/form.tsx";
import { useLoaded } from "../ui/loaded.ts";
import { Await, Title } from "../ui/page.tsx";

export function AccountPage() {
  const { route } = useLocation();
  const me = account.value;
  useEffect(() => {
    if (isReady.value && !me) route("/login", true);
  }, [isReady.value, me]);
  if (!me) return <div class="placeholder" role="status" aria-label={t("loading")} />;
  async function leave() {
    await signOut();
    route("/");
  }
  return (
    <div class="wide">
      <div class="section-head">
        <Title tab={t("account")}>{me.name || t("account")}</Title>
        <button type="button" class="second" onClick={leave}>
          {t("sign_out")}
        </button>
      </div>
      <div class="pair wide-first">
        {has("orders") && <Orders />}
        <div>
          <Profile me={me} />
          <Addresses />
        </div>
      </div>
    </div>
  );
}

function Orders() {
  const orders = useLoaded(() => unwrap(api.GET("/api/orders")), []);
  return (
    <section aria-labelledby="orders">
      <h2 id="orders">{t("orders")}</h2>
      <Await loaded={orders}>
        {({ items }) =>
          items.length ? (
            <ul class="order-list">
              {items.map((order) => (
                <li key={order.id}>
                  <a href={`/orders/${order.number}`}>{order.number}</a>
                  <span class="quiet">{date(order.placed_at, "medium")}</span>
                  <span class={`badge state-${order.payment_status}`}>{t(`status_${order.payment_status}`)}</span>
                  <strong>{money(order.grand_total)}</strong>
                </li>
              ))}
            </ul>
          ) : (
            <p class="quiet">{t("no_orders")}</p>
          )
        }
      </Await>
    </section>
  );
}

function Profile({ me }: { me: Schemas["ProfileOut"] }) {
  async function send(values: Record<string, string>) {
    account.value = await unwrap(api.PATCH("/api/users/me", { body: { name: values["name"] ?? null } }));
    announce(t("saved"));
  }
  return (
    <section aria-labelledby="profile">
      <h2 id="profile">{t("account")}</h2>
      <p class="quiet">{me.email}</p>
      <Form send={send} label={t("save")}>
        <Field name="name" label={t("name")} autocomplete="name" value={me.name} />
      </Form>
    </section>
  );
}

function Addresses() {
  const [changes, setChanges] = useState(0);
  const addresses = useLoaded(() => unwrap(api.GET("/api/users/me/addresses")), [changes]);
  async function add(values: Record<string, string>) {
    await unwrap(api.POST("/api/users/me/addresses", { body: addressOf(values) }));
    setChanges(changes + 1);
  }
  async function remove(id: string) {
    await unwrap(api.DELETE("/api/users/me/addresses/{address_id}", { params: { path: { address_id: id } } }));
    setChanges(changes + 1);
  }
  return (
    <section aria-labelledby="addresses">
      <h2 id="addresses">{t("addresses")}</h2>
      <Await loaded={addresses}>
        {({ items }) => (
          <ul class="plain-list addresses">
            {items.map((address) => (
              <li key={address.id} class="settled">
                <AddressLines address={address} />
                <button type="button" class="plain" aria-label={t("remove", { name: address.line1 })} onClick={() => remove(address.id)}>
                  {t("delete")}
                </button>
              </li>
            ))}
          </ul>
        )}
      </Await>
      <details class="folded" key={changes}>
        <summary>{t("add_address")}</summary>
        <Form send={add} label={t("save")}>
          <AddressFields />
        </Form>
      </details>
    </section>
  );
}
