import { type Schemas, unwrap } from "@feria/client";
import { useLocation } from "preact-iso";
import { useEffect, useState } from "preact/hooks";

import { money, t } from "../i18n.ts";
import { api } from "../shop.ts";
import { useLoaded } from "../ui/loaded.ts";
import { Await, Refusal } from "../ui/page.tsx";
import { complete, isPlaced, openPayment } from "./checkout-calls.ts";

type Checkout = Schemas["CheckoutOut"];

const LOOK_EVERY_MS = 2000;

/** Paying: on invoice at once, else on the provider's page, in a tab of its own. */
export function Payment({ checkout }: { checkout: Checkout }) {
  const { route } = useLocation();
  const providers = useLoaded(() => unwrap(api.GET("/api/payment-providers")), []);
  const [chosen, setChosen] = useState<string | null>(null);
  const [opened, setOpened] = useState<Schemas["PaymentOut"] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);

  async function act(what: () => Promise<void>) {
    setBusy(true);
    setError(null);
    await what().catch(setError);
    setBusy(false);
  }
  const pay = (provider: Schemas["CheckoutProviderOut"]) =>
    act(async () => {
      const payment = await openPayment(checkout, provider.name);
      if (provider.is_immediate) route(await complete(checkout));
      else setOpened(payment);
    });

  const page = opened?.pay_url ?? opened?.approve_url;
  return (
    <section aria-labelledby="step-payment">
      <h2 id="step-payment">3. {t("pay")}</h2>
      {page ? (
        <div class="waiting">
          <p>{t("pay_lead")}</p>
          <p class="row">
            <a class="button" href={page} target="_blank" rel="noopener">
              {t("pay_at")}
            </a>
            <button type="button" class="second" disabled={isBusy} onClick={() => act(async () => route(await complete(checkout)))}>
              {t("pay_check")}
            </button>
            <button type="button" class="plain" onClick={() => setOpened(null)}>
              {t("pay_again")}
            </button>
          </p>
          <p class="pulse" role="status">
            {t("pay_waiting")}
          </p>
          <Watch checkout={checkout} onPlaced={() => act(async () => route(await complete(checkout)))} />
        </div>
      ) : (
        <Await loaded={providers}>
          {({ items }) => {
            const provider = items.find((each) => each.name === chosen) ?? items[0];
            return (
              <>
                <fieldset class="choices">
                  <legend class="unseen">{t("pay")}</legend>
                  {items.map((each) => (
                    <label key={each.name}>
                      <input type="radio" name="provider" value={each.name} checked={each === provider} onChange={() => setChosen(each.name)} />
                      <strong>{each.label}</strong>
                    </label>
                  ))}
                </fieldset>
                {provider && (
                  <button type="button" class="block" disabled={isBusy} onClick={() => void pay(provider)}>
                    {provider.is_immediate ? t("complete") : t("pay_now", { total: money(checkout.grand_total) })}
                  </button>
                )}
              </>
            );
          }}
        </Await>
      )}
      {error !== null && <Refusal error={error} />}
    </section>
  );
}

/** Looks every two seconds whether the provider has told the shop of the payment. */
function Watch({ checkout, onPlaced }: { checkout: Checkout; onPlaced: () => void }) {
  useEffect(() => {
    const timer = setInterval(async () => {
      if (await isPlaced(checkout).catch(() => false)) {
        clearInterval(timer);
        onPlaced();
      }
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [checkout.id]);
  return null;
}
