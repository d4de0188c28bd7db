import type { Schemas } from "@feria/client";
import { useState } from "preact/hooks";

import { money, t } from "../i18n.ts";
import { cart } from "../shop.ts";

type Facet = Schemas["FacetOut"];

export interface Filters {
  values: (parameter: string) => string[];
  change: (changes: Record<string, string[]>) => void;
}

const SHOWN = 8;

/** What narrows a list down, with how many would be left; folded away on a phone. */
export function Facets({ facets, filters, hidden }: { facets: readonly Facet[]; filters: Filters; hidden: readonly string[] }) {
  const shown = facets.filter((facet) => !hidden.includes(facet.code) && (facet.values.length > 1 || facet.ranges.length > 1 || isUsed(facet, filters)));
  const used = facets.filter((facet) => isUsed(facet, filters));
  const [isOpen, setOpen] = useState(false);
  const clear = () => filters.change(Object.fromEntries(used.flatMap((facet) => namesOf(facet)).map((name) => [name, []])));
  return (
    <aside class={isOpen ? "facets open" : "facets"} aria-label={t("filters")}>
      <button class="second facets-button" type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {t("filters")}
        {used.length > 0 && ` (${used.length})`}
      </button>
      <div class="facets-body">
        {used.length > 0 && (
          <button class="plain" type="button" onClick={clear}>
            {t("clear_all")}
          </button>
        )}
        {shown.map((facet) => (
          <details key={facet.code} open={["category", "brand", "price"].includes(facet.code) || isUsed(facet, filters)}>
            <summary>{facet.name}</summary>
            {facet.ranges.length > 0 ? <Ranges facet={facet} filters={filters} /> : <Values facet={facet} filters={filters} />}
          </details>
        ))}
      </div>
    </aside>
  );
}

function Values({ facet, filters }: { facet: Facet; filters: Filters }) {
  const [isWhole, setWhole] = useState(false);
  const chosen = filters.values(facet.parameter);
  const takesMany = facet.type === "list" ? facet.code === "brand" : !["rating", "boolean"].includes(facet.type);
  function toggle(value: string) {
    const others = takesMany ? chosen.filter((each) => each !== value) : [];
    filters.change({ [facet.parameter]: chosen.includes(value) ? others : [...others, value] });
  }
  return (
    <>
      <ul class="plain-list">
        {facet.values.slice(0, isWhole ? undefined : SHOWN).map((value) => (
          <li key={value.value}>
            <label class="tick">
              <input type="checkbox" checked={chosen.includes(value.value)} onChange={() => toggle(value.value)} />
              <span>
                {label(facet, value.label)}
                {facet.unit && ` ${facet.unit}`}
              </span>
              <span class="quiet small">{value.count}</span>
            </label>
          </li>
        ))}
      </ul>
      {facet.values.length > SHOWN && !isWhole && (
        <button class="plain small" type="button" onClick={() => setWhole(true)}>
          {t("load_more")}
        </button>
      )}
    </>
  );
}

function Ranges({ facet, filters }: { facet: Facet; filters: Filters }) {
  const [low, high] = namesOf(facet) as [string, string];
  const from = filters.values(low)[0];
  const to = filters.values(high)[0];
  return (
    <ul class="plain-list">
      {facet.ranges.map((range) => {
        const isChosen = from === String(range.min) && to === String(range.max);
        return (
          <li key={range.min}>
            <label class="tick">
              <input
                type="checkbox"
                checked={isChosen}
                onChange={() => filters.change(isChosen ? { [low]: [], [high]: [] } : { [low]: [String(range.min)], [high]: [String(range.max)] })}
              />
              <span>
                {edge(facet, range.min)} – {edge(facet, range.max)}
              </span>
              <span class="quiet small">{range.count}</span>
            </label>
          </li>
        );
      })}
    </ul>
  );
}

/** Return the parameters of the address that a facet writes. */
function namesOf(facet: Facet): string[] {
  if (!facet.ranges.length) return [facet.parameter];
  return facet.type === "price" ? ["price_min", "price_max"] : [`${facet.parameter}.min`, `${facet.parameter}.max`];
}

const isUsed = (facet: Facet, filters: Filters): boolean => namesOf(facet).some((name) => filters.values(name).length > 0);

function edge(facet: Facet, value: number): string {
  if (facet.type === "price") return money({ amount: value, currency: cart.value?.currency ?? "USD" });
  return facet.unit ? `${value} ${facet.unit}` : String(value);
}

function label(facet: Facet, text: string): string {
  if (facet.type !== "boolean") return text;
  return text === "Yes" ? t("yes") : text === "No" ? t("no") : text;
}
