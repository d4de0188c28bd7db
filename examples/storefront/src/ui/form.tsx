import { FeriaProblem } from "@feria/client";
import { type ComponentChildren, createContext } from "preact";
import { useContext, useId, useState } from "preact/hooks";

import { Refusal } from "./page.tsx";

const Refused = createContext<Record<string, string>>({});

interface FormProps {
  /** The values by the names of the fields, trimmed. */
  send: (values: Record<string, string>) => Promise<unknown>;
  label: string;
  children: ComponentChildren;
  class?: string;
}

/** A form whose refusals stand at the fields that they are about, or above the button. */
export function Form({ send, label, children, class: kind = "form" }: FormProps) {
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  async function onSubmit(event: SubmitEvent) {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const values = Object.fromEntries([...data].map(([name, value]) => [name, String(value).trim()]));
    setBusy(true);
    setError(null);
    await send(values).catch(setError);
    setBusy(false);
  }
  const fields = error instanceof FeriaProblem ? error.fields : {};
  return (
    <form class={kind} onSubmit={onSubmit}>
      <Refused.Provider value={fields}>{children}</Refused.Provider>
      {error !== null && <Refusal error={error} />}
      <button type="submit" disabled={isBusy}>
        {label}
      </button>
    </form>
  );
}

interface FieldProps {
  name: string;
  label: string;
  type?: string;
  value?: string | null;
  required?: boolean;
  autocomplete?: string;
  minLength?: number;
  rows?: number;
}

export function Field({ name, label, type = "text", value, required = true, autocomplete, minLength, rows }: FieldProps) {
  const id = useId();
  const refused = useContext(Refused)[name];
  const shared = {
    id,
    name,
    required,
    defaultValue: value ?? "",
    "aria-invalid": refused ? true : undefined,
    "aria-describedby": refused ? `${id}-why` : undefined,
  };
  return (
    <div class="field">
      <label for={id}>
        {label}
        {!required && <span aria-hidden="true"> ·</span>}
      </label>
      {rows ? (
        <textarea {...shared} rows={rows} />
      ) : (
        <input {...shared} type={type} autocomplete={autocomplete as "on" | undefined} minLength={minLength} />
      )}
      {refused && (
        <p class="why" id={`${id}-why`}>
          {refused}
        </p>
      )}
    </div>
  );
}
