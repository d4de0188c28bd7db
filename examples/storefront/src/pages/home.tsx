import { unwrap } from "@feria/client";
import { useEffect, useState } from "preact/hooks";

import { t } from "../i18n.ts";
import { api, has, isReady } from "../shop.ts";
import { Grid, Picture, ProductCard } from "../ui/card.tsx";
import { useLoaded } from "../ui/loaded.ts";
import { Await, Title } from "../ui/page.tsx";
import { PostCards } from "./journal.tsx";

export function Home() {
  return (
    <>
      <section class="hero">
        <div class="wide hero-row">
          <div>
            <Title tab={t("shop")}>{t("hero_title")}</Title>
            <p class="lead">{t("hero_lead")}</p>
            <Categories />
          </div>
          <Display />
        </div>
      </section>
      {isReady.value && has("promotions") && <FlashSales />}
      {isReady.value && has("personalization") && <Recommended />}
      <Newest />
      {isReady.value && has("blog") && <Journal />}
    </>
  );
}

/** Three things that sell, set out on the table. */
function Display() {
  const popular = useLoaded(() => unwrap(api.GET("/api/products", { params: { query: { sort: "-rating", limit: 3 } } })), []);
  return (
    <ul class="display">
      {(popular.data?.items ?? []).map((card) => (
        <li key={card.id}>
          <a href={`/products/${card.slug}`} aria-label={card.name}>
            <Picture image={card.image} sizes="14rem" eager />
          </a>
        </li>
      ))}
    </ul>
  );
}

function Categories() {
  const tree = useLoaded(() => unwrap(api.GET("/api/categories")), []);
  return (
    <ul class="stalls">
      {(tree.data?.items ?? []).map((category) => (
        <li key={category.slug}>
          <a href={`/categories/${category.slug}`}>{category.name}</a>
        </li>
      ))}
      <li>
        <a href="/products">{t("all_products")}</a>
      </li>
    </ul>
  );
}

function FlashSales() {
  const sales = useLoaded(() => unwrap(api.GET("/api/flash-sales")), []);
  const running = (sales.data?.items ?? []).filter((sale) => sale.status === "running");
  return (
    <>
      {running.map((sale) => (
        <section class="wide band" key={sale.id} aria-labelledby={`sale-${sale.id}`}>
          <div class="section-head">
            <h2 id={`sale-${sale.id}`}>{sale.name}</h2>
            <Countdown seconds={sale.seconds_left} />
          </div>
          <ul class="grid">
            {sale.items.map((item) => (
              <li key={item.variant_id}>
                <ProductCard card={item.product} price={item.price} {...(item.left !== null ? { why: t("left_few", { n: item.left }) } : {})} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

/** Counts down by the server's clock: `seconds` were left when it answered. */
function Countdown({ seconds }: { seconds: number }) {
  const [end] = useState(() => Date.now() + seconds * 1000);
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, Math.floor((end - now) / 1000));
  const parts = [Math.floor(left / 3600) % 24, Math.floor(left / 60) % 60, left % 60].map((part) => String(part).padStart(2, "0"));
  const days = Math.floor(left / 86_400);
  return <p class="countdown">{t("ends_in", { time: `${days ? `${days} d ` : ""}${parts.join(":")}` })}</p>;
}

function Recommended() {
  const found = useLoaded(() => unwrap(api.GET("/api/recommendations", { params: { query: { for: "home", limit: 4 } } })), []);
  if (!found.data?.items.length) return null;
  return (
    <section class="wide" aria-labelledby="for-you">
      <h2 id="for-you">{t("for_you")}</h2>
      <ul class="grid">
        {found.data.items.map((each) => (
          <li key={each.product.id}>
            <ProductCard card={each.product} why={each.reason.text} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Newest() {
  const products = useLoaded(() => unwrap(api.GET("/api/products", { params: { query: { sort: "-created_at", limit: 8 } } })), []);
  return (
    <section class="wide" aria-labelledby="newest">
      <div class="section-head">
        <h2 id="newest">{t("new_in")}</h2>
        <a href="/products">{t("see_all")}</a>
      </div>
      <Await loaded={products}>{(page) => <Grid cards={page.items} />}</Await>
    </section>
  );
}

function Journal() {
  const posts = useLoaded(() => unwrap(api.GET("/api/blog/posts", { params: { query: { limit: 3 } } })), []);
  if (!posts.data?.items.length) return null;
  return (
    <section class="wide" aria-labelledby="journal">
      <div class="section-head">
        <h2 id="journal">{t("journal")}</h2>
        <a href="/blog">{t("see_all")}</a>
      </div>
      <PostCards posts={posts.data.items} />
    </section>
  );
}
