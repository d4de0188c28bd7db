import { t } from "../i18n.ts";

/** Stars as a picture with words: `3.5 of 5 stars`. */
export function Stars({ rating, count }: { rating: number; count?: number }) {
  return (
    <span class="stars">
      <span role="img" aria-label={t("rating_of", { rating })}>
        {[1, 2, 3, 4, 5].map((star) => (
          <svg key={star} viewBox="0 0 20 20" width="14" height="14" aria-hidden="true" class={star <= Math.round(rating) ? "on" : ""}>
            <path d="M10 1.6l2.6 5.3 5.8.8-4.2 4.1 1 5.8L10 14.9l-5.2 2.7 1-5.8L1.6 7.7l5.8-.8z" />
          </svg>
        ))}
      </span>
      {count !== undefined && <span class="quiet small">({count})</span>}
    </span>
  );
}
