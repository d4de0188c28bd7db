import { money, t } from "../i18n.ts";
import type { Card, Money } from "../shop.ts";
import { Stars } from "./stars.tsx";

type Image = NonNullable<Card["image"]>;

/** A picture in the width that the screen needs; square, so that nothing moves when it arrives. */
export function Picture({ image, sizes, eager }: { image: Image | null; sizes: string; eager?: boolean }) {
  if (!image) return <span class="picture" aria-hidden="true" />;
  const widths = (image.variants ?? []).map((each) => `${each.url} ${each.width}w`);
  return (
    <span class="picture">
      <img
        src={image.url}
        srcset={[...widths, `${image.url} ${image.width ?? 800}w`].join(", ")}
        sizes={sizes}
        alt={image.alt}
        width={image.width ?? 800}
        height={image.height ?? 800}
        loading={eager ? "eager" : "lazy"}
        decoding="async"
      />
    </span>
  );
}

export function Price({ now, before }: { now: Money; before?: Money | null }) {
  return (
    <span class="price">
      <span class={before ? "now sale" : "now"}>{money(now)}</span>
      {before && <s>{money(before)}</s>}
    </span>
  );
}

export function ProductCard({ card, why, price }: { card: Card; why?: string; price?: Money }) {
  const now = price ?? card.price;
  const before = price && card.price ? card.price : card.compare_at_price;
  return (
    <article class="card">
      <Picture image={card.image} sizes="(max-width: 40rem) 50vw, 18rem" />
      <div class="card-text">
        <p class="quiet small">{why ?? card.brand}</p>
        <h3>
          <a href={`/products/${card.slug}`}>{card.name}</a>
        </h3>
        <p class="card-foot">
          {now && <Price now={now} before={before ?? null} />}
          {card.rating !== null && <Stars rating={card.rating} count={card.review_count} />}
        </p>
        {!card.in_stock && <p class="badge">{t("left_none")}</p>}
        {card.in_stock && (card.on_sale || price) && <p class="badge sale">{t("on_sale")}</p>}
      </div>
    </article>
  );
}

export function Grid({ cards }: { cards: readonly Card[] }) {
  return (
    <ul class="grid">
      {cards.map((card) => (
        <li key={card.id}>
          <ProductCard card={card} />
        </li>
      ))}
    </ul>
  );
}
