import { type Schemas, unwrap } from "@feria/client";
import { useLocation } from "preact-iso";
import { useEffect, useState } from "preact/hooks";

import { count, t } from "../i18n.ts";
import { api, type Card, tell } from "../shop.ts";
import { Grid } from "../ui/card.tsx";
import { Facets, type Filters } from "../ui/facets.tsx";
import { useLoaded } from "../ui/loaded.ts";
import { Await, Refusal, Title } from "../ui/page.tsx";

type Page = Schemas["ProductPage"];
type Sort = "relevance" | "price" | "-price" | "-created_at" | "-rating" | "-popularity" | "name";

const SORTS: Sort[] = ["-popularity", "-created_at", "price", "-price", "-rating", "name"];

/** The products of a category, of a search, or all: filters are in the address, so that links and Back work. */
export function Browse({ category }: { category?: string }) {
  const { url, path, route } = useLocation();
  const search = new URLSearchParams(url.split("?")[1] ?? "");
  const query = search.get("q");
  const filters: Filters = {
    values: (parameter) => search.getAll(parameter),
    change: (changes) => {
      for (const [name, values] of Object.entries(changes)) {
        search.delete(name);
        for (const value of values) search.append(name, value);
      }
      const text = search.toString();
      route(text ? `${path}?${text}` : path);
    },
  };
  const products = useLoaded(() => list(search, category), [url]);
  const place = useLoaded(
    async () => (category ? unwrap(api.GET("/api/categories/{slug}", { params: { path: { slug: category } } })) : null),
    [category],
  );
  useEffect(() => {
    if (query) tell({ kind: "search", query });
  }, [query]);
  const title = query ? t("search_results", { query }) : (place.data?.name ?? t("all_products"));
  const corrected = products.data?.corrected_query;
  return (
    <div class="wide browse">
      <div class="browse-head">
        {place.data && place.data.breadcrumb.length > 1 && <Crumbs path={place.data.breadcrumb.slice(0, -1)} />}
        <Title>{title}</Title>
        {corrected && <p class="notice">{t("did_you_mean", { corrected, query: query ?? "" })}</p>}
      </div>
      {products.data?.facets && <Facets facets={products.data.facets} filters={filters} hidden={category ? ["category"] : []} />}
      <section class={products.isLoading ? "results busy" : "results"} aria-live="polite" aria-busy={products.isLoading}>
        <div class="section-head">
          <p class="quiet">{products.data ? count("products", products.data.total) : " "}</p>
          <label class="sort">
            <span>{t("sort")}</span>{" "}
            <select value={search.get("sort") ?? ""} onChange={(event) => filters.change({ sort: event.currentTarget.value ? [event.currentTarget.value] : [] })}>
              <option value="">{t(query ? "sort_relevance" : "sort_-created_at")}</option>
              {SORTS.filter((sort) => query || sort !== "-created_at").map((sort) => (
                <option key={sort} value={sort}>
                  {t(`sort_${sort}` as "sort_price")}
                </option>
              ))}
            </select>
          </label>
        </div>
        <Await loaded={products}>{(page) => <Results page={page} more={(cursor) => list(search, category, cursor)} />}</Await>
      </section>
    </div>
  );
}

function Results({ page, more }: { page: Page; more: (cursor: string) => Promise<Page> }) {
  const [cards, setCards] = useState<Card[]>(page.items);
  const [cursor, setCursor] = useState(page.next_cursor);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    setCards(page.items);
    setCursor(page.next_cursor);
  }, [page]);
  async function load() {
    if (!cursor) return;
    try {
      const next = await more(cursor);
      setCards([...cards, ...next.items]);
      setCursor(next.next_cursor);
    } catch (refusal) {
      setError(refusal);
    }
  }
  if (!cards.length) return <p class="notice">{t("no_results")}</p>;
  return (
    <>
      <Grid cards={cards} />
      {error !== null && <Refusal error={error} />}
      {cursor && (
        <p class="centered">
          <button class="second" type="button" onClick={load}>
            {t("load_more")}
          </button>
        </p>
      )}
    </>
  );
}

export function Crumbs({ path }: { path: readonly Schemas["CategoryRef"][] }) {
  return (
    <nav class="crumbs" aria-label={t("shop")}>
      <a href="/products">{t("shop")}</a>
      {path.map((each) => (
        <a key={each.slug} href={`/categories/${each.slug}`}>
          {each.name}
        </a>
      ))}
    </nav>
  );
}

/** Names of attributes are the shop's own (`attr.material`), so the address's parameters are sent as they are. */
function list(search: URLSearchParams, category: string | undefined, cursor?: string): Promise<Page> {
  const query: Record<string, string | string[]> = { facets: "true", limit: "24" };
  for (const name of new Set(search.keys())) query[name] = search.getAll(name);
  if (category) query["category"] = category;
  if (cursor) query["cursor"] = cursor;
  return unwrap(api.GET("/api/products", { params: { query: query as never } }));
}
