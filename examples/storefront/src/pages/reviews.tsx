import { type Schemas, unwrap } from "@feria/client";
import { useState } from "preact/hooks";

import { count, date, t } from "../i18n.ts";
import { account, api } from "../shop.ts";
import { Field, Form } from "../ui/form.tsx";
import { useLoaded } from "../ui/loaded.ts";
import { Await } from "../ui/page.tsx";
import { Stars } from "../ui/stars.tsx";

export function Reviews({ product }: { product: Schemas["Product"] }) {
  const path = { key: product.slug };
  const reviews = useLoaded(() => unwrap(api.GET("/api/products/{key}/reviews", { params: { path } })), [product.slug]);
  const [isSent, setSent] = useState(false);
  async function send(values: Record<string, string>) {
    const body = { rating: Number(values["rating"]), title: values["title"] ?? "", text: values["text"] ?? "" };
    await unwrap(api.POST("/api/products/{key}/reviews", { params: { path }, body }));
    setSent(true);
  }
  return (
    <section class="whole reviews" id="reviews" aria-labelledby="reviews-title">
      <h2 id="reviews-title">{t("reviews")}</h2>
      <Await loaded={reviews}>
        {({ items, summary }) => (
          <>
            <Histogram summary={summary} />
            <div>
              {!items.length && <p class="quiet">{t("no_reviews")}</p>}
              {items.map((review) => (
                <Review key={review.id} review={review} />
              ))}
              {isSent && <p class="notice">{t("review_sent")}</p>}
              {!isSent && account.value && (
                <details class="folded">
                  <summary>{t("review_write")}</summary>
                  <Form send={send} label={t("review_send")}>
                    <fieldset class="options">
                      <legend>{t("rating")}</legend>
                      {[5, 4, 3, 2, 1].map((star) => (
                        <label key={star}>
                          <input type="radio" name="rating" value={star} required />
                          <span>
                            <Stars rating={star} />
                          </span>
                        </label>
                      ))}
                    </fieldset>
                    <Field name="title" label={t("review_title")} />
                    <Field name="text" label={t("review_text")} rows={4} required={false} />
                  </Form>
                </details>
              )}
              {!account.value && (
                <p class="quiet">
                  <a href="/login">{t("review_sign_in")}</a>
                </p>
              )}
            </div>
          </>
        )}
      </Await>
    </section>
  );
}

function Histogram({ summary }: { summary: Schemas["ReviewsSummaryOut"] }) {
  if (!summary.count) return <div />;
  return (
    <div class="histogram">
      {summary.mean !== null && <p class="mean">{summary.mean.toFixed(1)}</p>}
      <p class="quiet">{count("reviews", summary.count)}</p>
      {[5, 4, 3, 2, 1].map((star) => (
        <p key={star}>
          <span>{star}</span>
          <meter min={0} max={summary.count} value={summary.histogram[star] ?? 0} aria-label={t("rating_of", { rating: star })} />
          <span class="quiet small">{summary.histogram[star] ?? 0}</span>
        </p>
      ))}
    </div>
  );
}

function Review({ review }: { review: Schemas["ReviewOut"] }) {
  return (
    <article class="review">
      <Stars rating={review.rating} />
      <h3>{review.title}</h3>
      <p class="lines">{review.text}</p>
      <p class="quiet small">
        {t("author_and_date", { author: review.author_name, date: date(review.created_at, "medium") })}
        {review.verified_purchase && <span class="verified"> ✓ {t("verified")}</span>}
      </p>
      {review.reply && (
        <blockquote>
          <p class="lines">{review.reply.text}</p>
        </blockquote>
      )}
    </article>
  );
}
