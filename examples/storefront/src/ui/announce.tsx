import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

const shown = signal<ComponentChildren>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

/** Say something at the edge of the page for a few seconds; screen readers hear it. */
export function announce(what: ComponentChildren): void {
  clearTimeout(timer);
  shown.value = what;
  timer = setTimeout(() => (shown.value = null), 6000);
}

export function Announcement() {
  return (
    <div class="announcement" role="status" aria-live="polite">
      {shown.value && <p>{shown.value}</p>}
    </div>
  );
}
