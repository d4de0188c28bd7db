/** Texts in the reader's language, and numbers and dates as it writes them. */

import { signal } from "@preact/signals";
import type { Schemas } from "@feria/client";

import { en } from "./texts/en.ts";
import { es } from "./texts/es.ts";

export type Key = keyof typeof en;
export type Language = "en" | "es";

const TEXTS: Record<Language, Record<Key, string>> = { en, es };
const KEPT = "feria.language";

export const language = signal<Language>(chosen());

/** Return the text of `key`, with `{name}` replaced by the values. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return TEXTS[language.value][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Return the text for one or for several, `review_one` and `review_many`. */
export function count(key: "products" | "reviews" | "pieces" | "minutes", number: number): string {
  return t(`${key}_${number === 1 ? "one" : "many"}`, { n: new Intl.NumberFormat(language.value).format(number) });
}

/** Minor units as people write them; the currency itself says how many digits it has. */
export function money(value: Schemas["MoneyOut"]): string {
  const format = new Intl.NumberFormat(language.value, { style: "currency", currency: value.currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(value.amount / 10 ** digits);
}

export function date(text: string, style: "long" | "medium" = "long"): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: style }).format(new Date(text));
}

export function moment(text: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "short" }).format(new Date(text));
}

export function speak(wanted: Language): void {
  localStorage.setItem(KEPT, wanted);
  language.value = wanted;
}

function chosen(): Language {
  const kept = localStorage.getItem(KEPT) ?? navigator.language;
  return kept.startsWith("es") ? "es" : "en";
}
