import { useEffect, useState } from "preact/hooks";

import { language } from "../i18n.ts";

export interface Loaded<T> {
  data: T | null;
  error: unknown;
  /** True until the newest answer is there; `data` may be the one before. */
  isLoading: boolean;
  set: (data: T) => void;
}

/** Return what `load` gives, asked again when one of `on` or the language changes; an overtaken answer is dropped. */
export function useLoaded<T>(load: () => Promise<T>, on: readonly unknown[]): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, "set">>({ data: null, error: null, isLoading: true });
  useEffect(() => {
    let isCurrent = true;
    setState((before) => ({ ...before, error: null, isLoading: true }));
    load().then(
      (data) => isCurrent && setState({ data, error: null, isLoading: false }),
      (error: unknown) => isCurrent && setState({ data: null, error, isLoading: false }),
    );
    return () => {
      isCurrent = false;
    };
  }, [...on, language.value]);
  return { ...state, set: (data) => setState({ data, error: null, isLoading: false }) };
}
