import { type Schemas, unwrap } from "@feria/client";
import { useId, useState } from "preact/hooks";

import { t } from "../i18n.ts";
import { api } from "../shop.ts";
import { Field } from "./form.tsx";
import { useLoaded } from "./loaded.ts";

export type Address = Schemas["Address"];

/** The fields of an address, those that its country has and under the names that it gives them. */
export function AddressFields({ value, country: first = "US" }: { value?: Address | null; country?: string }) {
  const id = useId();
  const [country, setCountry] = useState(value?.country ?? first);
  const countries = useLoaded(() => unwrap(api.GET("/api/countries")), []);
  const form = useLoaded(() => unwrap(api.GET("/api/countries/{code}", { params: { path: { code: country } } })), [country]);
  const known: Record<string, Schemas["FormFieldOut"]> = Object.fromEntries((form.data?.fields ?? []).map((field) => [field.name, field]));
  const regions = form.data?.regions ?? [];
  const field = (name: keyof Address & string, label: string, autocomplete: string, required: boolean) =>
    (!form.data || known[name]) && (
      <Field
        name={name}
        label={known[name]?.label ?? label}
        autocomplete={autocomplete}
        value={value?.[name] ?? null}
        required={known[name]?.required ?? required}
      />
    );
  return (
    <div class="address">
      {field("name", t("name"), "name", true)}
      <div class="field">
        <label for={id}>{t("choose_country")}</label>
        <select id={id} name="country" autocomplete="country" value={country} onChange={(event) => setCountry(event.currentTarget.value)}>
          {(countries.data?.items ?? [{ code: country, name: country }]).map((each) => (
            <option key={each.code} value={each.code}>
              {each.name}
            </option>
          ))}
        </select>
      </div>
      {field("line1", t("line1"), "address-line1", true)}
      {field("line2", t("line2"), "address-line2", false)}
      {field("city", t("city"), "address-level2", true)}
      {regions.length > 0 ? (
        <div class="field">
          <label for={`${id}-region`}>{known["region"]?.label ?? t("region")}</label>
          <select id={`${id}-region`} name="region" autocomplete="address-level1" defaultValue={value?.region ?? ""} required={known["region"]?.required ?? false}>
            <option value="" />
            {regions.map((each) => (
              <option key={each.code} value={each.code}>
                {each.name}
              </option>
            ))}
          </select>
        </div>
      ) : (
        field("region", t("region"), "address-level1", false)
      )}
      {field("postal_code", t("postal_code"), "postal-code", false)}
    </div>
  );
}

/** Return the address that the fields hold. */
export function addressOf(values: Record<string, string>): Address {
  const optional = Object.fromEntries(["line2", "region", "postal_code"].map((name) => [name, values[name] || null]));
  return { name: values["name"] ?? "", line1: values["line1"] ?? "", city: values["city"] ?? "", country: values["country"] ?? "", ...optional };
}

export function AddressLines({ address }: { address: Omit<Address, "company"> }) {
  const lines = [address.name, address.line1, address.line2, [address.postal_code, address.city, address.region].filter(Boolean).join(" "), address.country];
  return (
    <address>
      {lines.filter(Boolean).map((line) => (
        <span key={line}>{line}</span>
      ))}
    </address>
  );
}
