import { FeriaProblem, unwrap } from "@feria/client";
import { useLocation } from "preact-iso";
import { useState } from "preact/hooks";

import { t } from "../i18n.ts";
import { api, signIn } from "../shop.ts";
import { Field, Form } from "../ui/form.tsx";
import { Title } from "../ui/page.tsx";

export function SignInPage() {
  const { query, route } = useLocation();
  const [needsCode, setNeedsCode] = useState(false);
  const [isSent, setSent] = useState(false);
  async function enter(values: Record<string, string>) {
    try {
      await signIn(values["email"] ?? "", values["password"] ?? "", values["otp"]);
    } catch (error) {
      if (error instanceof FeriaProblem && error.code === "otp_required") setNeedsCode(true);
      throw error;
    }
    // Only a path of this shop: an address that came in with a link must not lead elsewhere.
    const next = query["next"] ?? "";
    route(/^\/(?!\/)/.test(next) ? next : "/account");
  }
  async function register(values: Record<string, string>) {
    const { email = "", password = "", name = "" } = values;
    await unwrap(api.POST("/api/auth/register", { body: { email, password, name } }));
    setSent(true);
  }
  return (
    <div class="wide pair">
      <section>
        <Title>{t("sign_in")}</Title>
        <Form send={enter} label={t("sign_in")}>
          <Field name="email" type="email" label={t("email")} autocomplete="username" />
          <Field name="password" type="password" label={t("password")} autocomplete="current-password" />
          {needsCode && <Field name="otp" label={t("otp")} autocomplete="one-time-code" />}
        </Form>
        <p>
          <a href="/forgot-password">{t("forgot")}</a>
        </p>
      </section>
      <section>
        <h2>{t("register")}</h2>
        {isSent ? (
          <p class="notice" role="status">
            {t("register_sent")} <a href="/dev/mailbox">{t("footer_mail")}</a>
          </p>
        ) : (
          <Form send={register} label={t("register")}>
            <Field name="name" label={t("name")} autocomplete="name" />
            <Field name="email" type="email" label={t("email")} autocomplete="email" />
            <Field name="password" type="password" label={t("password")} autocomplete="new-password" minLength={12} />
          </Form>
        )}
      </section>
    </div>
  );
}
