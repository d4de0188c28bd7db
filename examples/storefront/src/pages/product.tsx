import { type Schemas, unwrap } from "@feria/client";
import { useLocation } from "preact-iso";
import { useEffect, useState } from "preact/hooks";

import { money, t } from "../i18n.ts";
import { add, api, has, isReady, tell } from "../shop.ts";
import { announce } from "../ui/announce.tsx";
import { Grid, Picture, Price } from "../ui/card.tsx";
import { useLoaded } from "../ui/loaded.ts";
import { Await, Refusal, Title } from "../ui/page.tsx";
import { Stars } from "../ui/stars.tsx";
import { Crumbs } from "./browse.tsx";
import { Reviews } from "./reviews.tsx";

type Product = Schemas["Product"];
type Variant = Schemas["VariantOut"];

export function ProductPage({ slug }: { slug: string }) {
  const product = useLoaded(() => unwrap(api.GET("/api/products/{key}", { params: { path: { key: slug } } })), [slug]);
  const id = product.data?.id;
  useEffect(() => {
    if (id && isReady.value) tell({ kind: "view", product_id: id });
  }, [id, isReady.value]);
  return <Await loaded={product}>{(found) => <Shown key={found.id} product={found} />}</Await>;
}

function Shown({ product }: { product: Product }) {
  const { query } = useLocation();
  const first = product.variants.find((each) => each.id === (query["variant"] ?? product.default_variant_id)) ?? product.variants[0];
  const [options, setOptions] = useState<Record<string, string>>(first?.options ?? {});
  const variant = product.variants.find((each) => Object.entries(options).every(([code, value]) => each.options[code] === value));
  const pictures = [...(variant?.media ?? []), ...product.media];
  const [at, setAt] = useState(0);
  useEffect(() => setAt(0), [variant?.id]);
  return (
    <div class="wide product">
      <div class="gallery">
        <Picture image={pictures[at] ?? product.image} sizes="(max-width: 60rem) 100vw, 36rem" eager />
        {pictures.length > 1 && (
          <ul class="thumbs">
            {pictures.map((picture, index) => (
              <li key={picture.url}>
                <button type="button" aria-pressed={index === at} onClick={() => setAt(index)}>
                  <Picture image={picture} sizes="5rem" />
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
      <div class="about">
        <Crumbs path={product.category_path} />
        <p class="quiet">{product.brand}</p>
        <Title>{product.name}</Title>
        {product.rating !== null && (
          <p>
            <a href="#reviews" onClick={toReviews}>
              <Stars rating={product.rating} count={product.review_count} />
            </a>
          </p>
        )}
        <p class="big-price">{variant && <Price now={variant.price} before={variant.compare_at_price} />}</p>
        {has("promotions") && variant && <FlashSale variant={variant} />}
        {product.options.map((option) => (
          <fieldset key={option.code} class="options">
            <legend>{option.name}</legend>
            {option.values.map((value) => (
              <label key={value} class={isSold(product, options, option.code, value) ? "" : "gone"}>
                <input type="radio" name={option.code} checked={options[option.code] === value} onChange={() => setOptions({ ...options, [option.code]: value })} />
                <span>{value}</span>
              </label>
            ))}
          </fieldset>
        ))}
        <Buy variant={variant} name={product.name} />
        <div class="prose" dangerouslySetInnerHTML={{ __html: product.description_html }} />
        <Specifications product={product} variant={variant} />
      </div>
      {has("reviews") && <Reviews product={product} />}
      {product.related.length > 0 && (
        <section class="whole" aria-labelledby="related">
          <h2 id="related">{t("also_like")}</h2>
          <Grid cards={product.related.slice(0, 4)} />
        </section>
      )}
    </div>
  );
}

/** The price that the cart will ask while a flash sale runs. */
function FlashSale({ variant }: { variant: Variant }) {
  const sales = useLoaded(() => unwrap(api.GET("/api/flash-sales")), []);
  for (const sale of sales.data?.items ?? []) {
    const item = sale.items.find((each) => each.variant_id === variant.id);
    if (item && sale.status === "running") {
      return (
        <p class="notice">
          <strong>{sale.name}:</strong> {money(item.price)}
          {item.left !== null && <> · {t("left_few", { n: item.left })}</>}
        </p>
      );
    }
  }
  return null;
}

function Buy({ variant, name }: { variant: Variant | undefined; name: string }) {
  const [quantity, setQuantity] = useState(1);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const left = variant?.available ?? 0;
  async function buy(event: Event) {
    event.preventDefault();
    if (!variant) return;
    setBusy(true);
    setError(null);
    try {
      await add(variant.id, quantity);
      announce(
        <>
          {t("added", { name })} <a href="/cart">{t("cart")}</a>
        </>,
      );
    } catch (refusal) {
      setError(refusal);
    }
    setBusy(false);
  }
  return (
    <form class="buy" onSubmit={buy}>
      <label>
        <span class="unseen">{t("quantity")}</span>
        <input type="number" min={1} max={Math.max(1, Math.min(left, 99))} value={quantity} onInput={(event) => setQuantity(Number(event.currentTarget.value) || 1)} />
      </label>
      <button type="submit" disabled={!left || isBusy}>
        {left ? t("add_to_cart") : t("left_none")}
      </button>
      <p class={left && left <= 5 ? "stock few" : "stock"}>{left > 5 ? t("in_stock") : left ? t("left_few", { n: left }) : ""}</p>
      {error !== null && <Refusal error={error} />}
    </form>
  );
}

function Specifications({ product, variant }: { product: Product; variant: Variant | undefined }) {
  const rows = [...product.specifications, ...(variant?.specifications ?? [])];
  if (!rows.length) return null;
  return (
    <>
      <h2 class="small-heading">{t("specifications")}</h2>
      <dl class="specifications">
        {rows.map((row) => (
          <div key={row.code}>
            <dt>{row.name}</dt>
            <dd>{[shown(row.value), row.unit].filter(Boolean).join(" ")}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function shown(value: unknown): string {
  if (typeof value === "boolean") return value ? t("yes") : t("no");
  if (Array.isArray(value)) return value.map(shown).join(", ");
  if (typeof value === "object" && value !== null && "amount" in value) return money(value as Schemas["MoneyOut"]);
  return String(value ?? "");
}

/** Return whether a value can be had together with the other options that are chosen. */
function isSold(product: Product, options: Record<string, string>, code: string, value: string): boolean {
  const wanted = Object.entries({ ...options, [code]: value });
  return product.variants.some((each) => each.available > 0 && wanted.every(([name, chosen]) => each.options[name] === chosen));
}

function toReviews(event: Event) {
  event.preventDefault();
  document.getElementById("reviews")?.scrollIntoView({ behavior: "smooth" });
}
