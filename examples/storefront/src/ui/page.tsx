import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { FeriaProblem } from "@feria/client";

import { t } from "../i18n.ts";
import { NotFound } from "../pages/not-found.tsx";
import { sentence } from "../shop.ts";
import type { Loaded } from "./loaded.ts";

let isFirst = true;

/** The heading of a page: names the tab, and takes the focus when one page follows another. */
export function Title({ children, tab }: { children: ComponentChildren; tab?: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const name = tab ?? (typeof children === "string" ? children : "");
  useEffect(() => {
    document.title = name ? `${name} · Feria` : "Feria";
    if (!isFirst) heading.current?.focus({ preventScroll: true });
    isFirst = false;
  }, [name]);
  return (
    <h1 tabIndex={-1} ref={heading}>
      {children}
    </h1>
  );
}

/** Show what was loaded, a quiet placeholder before, the reason where it failed. */
export function Await<T>({ loaded, children }: { loaded: Loaded<T>; children: (data: T) => ComponentChildren }) {
  if (loaded.error instanceof FeriaProblem && loaded.error.status === 404) return <NotFound />;
  if (loaded.error) return <Refusal error={loaded.error} />;
  if (loaded.data === null) return <div class="placeholder" role="status" aria-label={t("loading")} />;
  return <>{children(loaded.data)}</>;
}

export function Refusal({ error }: { error: unknown }) {
  return (
    <p class="notice bad" role="alert">
      {sentence(error)}
    </p>
  );
}
