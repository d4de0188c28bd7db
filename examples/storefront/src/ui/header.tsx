import { useLocation } from "preact-iso";
import { useEffect, useState } from "preact/hooks";

import { count, language, speak, t } from "../i18n.ts";
import { account, has, pieces } from "../shop.ts";
import { Search } from "./search.tsx";

export function Header() {
  const { path } = useLocation();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  return (
    <header class="header">
      <div class="wide header-row">
        <a class="logo" href="/" aria-label="Feria">
          Feria
        </a>
        <button class="icon menu-button" type="button" aria-expanded={isOpen} aria-controls="menu" onClick={() => setOpen(!isOpen)}>
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M4 7h16M4 12h16M4 17h16" />
          </svg>
          <span class="unseen">{t("menu")}</span>
        </button>
        <Search />
        <nav id="menu" class={isOpen ? "open" : ""} aria-label={t("menu")}>
          <a href="/products">{t("shop")}</a>
          {has("blog") && <a href="/blog">{t("journal")}</a>}
          {has("landing") && <a href="/contact">{t("contact")}</a>}
          {has("users") && <a href={account.value ? "/account" : "/login"}>{account.value ? t("account") : t("sign_in")}</a>}
          <Languages />
        </nav>
        <a class="icon cart-link" href="/cart">
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M3 9h18l-2 11H5zM8 9l4-6 4 6M9 13v3M15 13v3" />
          </svg>
          <span class="unseen">
            {t("cart")}, {count("pieces", pieces.value)}
          </span>
          {pieces.value > 0 && (
            <span class="cart-count" aria-hidden="true">
              {pieces.value}
            </span>
          )}
        </a>
      </div>
      <div class="awning" aria-hidden="true" />
    </header>
  );
}

function Languages() {
  const other = language.value === "en" ? "es" : "en";
  return (
    <button class="plain" type="button" lang={other} onClick={() => speak(other)}>
      {other === "es" ? "Español" : "English"}
    </button>
  );
}
