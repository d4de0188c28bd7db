/** Refusals as exceptions, for whoever would rather not look at `error` after each call. */

import type { components } from "./schema.ts";

export type Problem = components["schemas"]["Problem"];

/** A refusal of the API; `problem.code` is stable, the message a sentence for people. */
export class FeriaProblem extends Error {
  constructor(readonly problem: Problem & Record<string, unknown>) {
    super(problem.detail);
    this.name = "FeriaProblem";
  }

  get code(): string {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }

  /** The messages of 422 by the field that they are about, `{"email": "…"}`. */
  get fields(): Record<string, string> {
    const named = (this.problem.errors ?? []).map((error) => [String(error.loc.at(-1) ?? ""), error.message] as const);
    return Object.fromEntries(named);
  }
}

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Return the data of an answer. Throws FeriaProblem for a refusal, also for one that is no JSON. */
export async function unwrap<Data>(call: Promise<Answer<Data>>): Promise<NonNullable<Data>> {
  const { data, error, response } = await call;
  if (response.ok) return data as NonNullable<Data>;
  throw new FeriaProblem(isProblem(error) ? error : unknown(response));
}

/** Return a fresh Idempotency-Key: keep it for repetitions of one act. */
export function once(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function isProblem(error: unknown): error is Problem & Record<string, unknown> {
  return typeof error === "object" && error !== null && "code" in error && "detail" in error;
}

function unknown(response: Response): Problem & Record<string, unknown> {
  const title = response.statusText || "No answer";
  return {
    type: "about:blank",
    title,
    status: response.status,
    detail: `The shop answered ${response.status} ${title}.`,
    code: "no_problem_document",
    instance: response.headers.get("X-Request-Id") ?? "",
  };
}
