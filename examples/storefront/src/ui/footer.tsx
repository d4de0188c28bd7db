import { useState } from "preact/hooks";

import { unwrap } from "@feria/client";

import { t } from "../i18n.ts";
import { api, has } from "../shop.ts";
import { Refusal } from "./page.tsx";

export function Footer() {
  return (
    <footer class="footer">
      <div class="wide footer-row">
        <div>
          <p class="logo">Feria</p>
          <p>{t("about_shop")}</p>
          <p class="small">{t("fake_payment")}</p>
        </div>
        {has("landing") && <Newsletter />}
        <ul class="plain-list">
          <li>
            <a href="/docs">{t("footer_api")}</a>
          </li>
          <li>
            <a href="/dev/mailbox">{t("footer_mail")}</a>
          </li>
          {has("admin") && (
            <li>
              <a href="/admin">{t("footer_staff")}</a>
            </li>
          )}
        </ul>
      </div>
    </footer>
  );
}

function Newsletter() {
  const [email, setEmail] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [isSent, setSent] = useState(false);
  async function subscribe(event: Event) {
    event.preventDefault();
    try {
      await unwrap(api.POST("/api/subscribe", { body: { email } }));
      setSent(true);
    } catch (refusal) {
      setError(refusal);
    }
  }
  if (isSent) return <p role="status">{t("newsletter_sent")}</p>;
  return (
    <form class="newsletter" onSubmit={subscribe}>
      <label for="newsletter">{t("newsletter")}</label>
      <div class="joined">
        <input id="newsletter" type="email" autocomplete="email" required placeholder={t("email")} value={email} onInput={(event) => setEmail(event.currentTarget.value)} />
        <button type="submit">{t("subscribe")}</button>
      </div>
      {error !== null && <Refusal error={error} />}
    </form>
  );
}
