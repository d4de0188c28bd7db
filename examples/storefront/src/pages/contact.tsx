import { unwrap } from "@feria/client";
import { useState } from "preact/hooks";

import { t } from "../i18n.ts";
import { account, api } from "../shop.ts";
import { Field, Form } from "../ui/form.tsx";
import { Title } from "../ui/page.tsx";

export function ContactPage() {
  const [isSent, setSent] = useState(false);
  async function send(values: Record<string, string>) {
    const { name = "", email = "", subject = "", message = "", website = "" } = values;
    await unwrap(api.POST("/api/contact", { body: { name, email, subject, message, website } }));
    setSent(true);
  }
  return (
    <div class="wide narrow">
      <Title>{t("contact")}</Title>
      <p>{t("contact_intro")}</p>
      {isSent ? (
        <p class="notice" role="status">
          {t("contact_sent")}
        </p>
      ) : (
        <Form send={send} label={t("send")}>
          <Field name="name" label={t("name")} autocomplete="name" value={account.value?.name ?? null} />
          <Field name="email" type="email" label={t("email")} autocomplete="email" value={account.value?.email ?? null} />
          <Field name="subject" label={t("subject")} />
          <Field name="message" label={t("message")} rows={6} />
          {/* People do not see it, so whoever fills it is a program. */}
          <div class="unseen" aria-hidden="true">
            <input name="website" tabIndex={-1} autocomplete="off" />
          </div>
        </Form>
      )}
    </div>
  );
}
