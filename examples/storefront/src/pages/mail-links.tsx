import { unwrap } from "@feria/client";
import { useLocation } from "preact-iso";
import { useState } from "preact/hooks";

import { type Key, t } from "../i18n.ts";
import { api, cart } from "../shop.ts";
import { Field, Form } from "../ui/form.tsx";
import { Title } from "../ui/page.tsx";

type Kind = "verify" | "email" | "cart" | "forgot" | "reset";

interface Act {
  title: Key;
  done: Key;
  next: string;
  /** Nothing happens by opening a link alone: programs that scan mails open links too. */
  send: (token: string, values: Record<string, string>) => Promise<unknown>;
  field?: { name: "email" | "password"; label: Key; autocomplete: string };
}

const ACTS: Record<Kind, Act> = {
  verify: {
    title: "register",
    done: "confirmed",
    next: "/login",
    send: (token) => unwrap(api.POST("/api/auth/verify-email", { body: { token } })),
  },
  email: {
    title: "email",
    done: "confirmed",
    next: "/account",
    send: (token) => unwrap(api.POST("/api/auth/confirm-email", { body: { token } })),
  },
  cart: {
    title: "cart",
    done: "restored",
    next: "/cart",
    send: async (token) => (cart.value = await unwrap(api.POST("/api/cart/restore", { body: { token } }))),
  },
  forgot: {
    title: "forgot",
    done: "forgot_sent",
    next: "/login",
    send: (_, values) => unwrap(api.POST("/api/auth/password/forgot", { body: { email: values["email"] ?? "" } })),
    field: { name: "email", label: "email", autocomplete: "email" },
  },
  reset: {
    title: "new_password",
    done: "password_changed",
    next: "/login",
    send: (token, values) => unwrap(api.POST("/api/auth/password/reset", { body: { token, password: values["password"] ?? "" } })),
    field: { name: "password", label: "new_password", autocomplete: "new-password" },
  },
};

/** What the links in mails lead to: one button, or one question and a button. */
export function LinkPage({ kind }: { kind: Kind }) {
  const { query } = useLocation();
  const [isDone, setDone] = useState(false);
  const act = ACTS[kind];
  return (
    <div class="wide narrow">
      <Title>{t(act.title)}</Title>
      {isDone ? (
        <p class="notice" role="status">
          {t(act.done)} <a href={act.next}>{t("continue")}</a>
        </p>
      ) : (
        <Form
          label={t("continue")}
          send={async (values) => {
            await act.send(query["token"] ?? "", values);
            setDone(true);
          }}
        >
          {act.field && <Field name={act.field.name} type={act.field.name} label={t(act.field.label)} autocomplete={act.field.autocomplete} />}
        </Form>
      )}
    </div>
  );
}
