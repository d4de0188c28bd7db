import { unwrap, type Schemas } from "@feria/client";
import { useLocation } from "preact-iso";
import { useEffect, useRef, useState } from "preact/hooks";

import { t } from "../i18n.ts";
import { api } from "../shop.ts";

type Suggestion = Schemas["Suggestion"];

/** The search with suggestions below it: a combobox that arrow keys, Enter and Escape work in. */
export function Search() {
  const { route, query, path } = useLocation();
  const [text, setText] = useState(query["q"] ?? "");
  const [found, setFound] = useState<Suggestion[]>([]);
  const [at, setAt] = useState(-1);
  const form = useRef<HTMLFormElement>(null);
  const close = () => {
    setFound([]);
    setAt(-1);
  };
  useEffect(() => {
    setText(query["q"] ?? "");
    close();
  }, [path, query["q"]]);

  async function suggest(typed: string) {
    setText(typed);
    setAt(-1);
    if (typed.trim().length < 2) return setFound([]);
    const answer = await unwrap(api.GET("/api/products/suggest", { params: { query: { q: typed } } })).catch(() => null);
    // An answer that was overtaken by the next letter is none.
    if (answer && form.current?.q.value === typed && form.current.contains(document.activeElement)) setFound(answer.items);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "Escape") close();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !found.length) return;
    event.preventDefault();
    // One place more than there are suggestions: the text itself, at -1.
    setAt(((at + 1 + step + found.length + 1) % (found.length + 1)) - 1);
  }

  function onSubmit(event: Event) {
    event.preventDefault();
    const chosen = found[at];
    close();
    if (chosen) route(address(chosen));
    else if (text.trim()) route(`/products?q=${encodeURIComponent(text.trim())}`);
  }

  return (
    <form class="search" role="search" ref={form} onSubmit={onSubmit} onFocusOut={(event) => !form.current?.contains(event.relatedTarget as Node) && close()}>
      <input
        type="search"
        name="q"
        role="combobox"
        aria-label={t("search")}
        aria-expanded={found.length > 0}
        aria-controls="suggestions"
        aria-autocomplete="list"
        aria-activedescendant={at >= 0 ? `suggestion-${at}` : undefined}
        autocomplete="off"
        placeholder={t("search_hint")}
        value={text}
        onInput={(event) => void suggest(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <ul id="suggestions" role="listbox" aria-label={t("search")} hidden={!found.length}>
        {found.map((each, index) => (
          <li
            key={`${each.kind}-${each.text}`}
            id={`suggestion-${index}`}
            role="option"
            aria-selected={index === at}
            tabIndex={-1}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => {
              close();
              route(address(each));
            }}
          >
            {each.text}
            {each.kind === "category" && <span class="quiet small"> {t("shop").toLowerCase()}</span>}
          </li>
        ))}
      </ul>
    </form>
  );
}

function address(suggestion: Suggestion): string {
  if (suggestion.kind === "product") return `/products/${suggestion.slug}`;
  if (suggestion.kind === "category") return `/categories/${suggestion.slug}`;
  return `/products?q=${encodeURIComponent(suggestion.text)}`;
}
