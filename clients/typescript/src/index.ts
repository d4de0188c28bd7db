/** A typed client of Feria: the calls of `schema.ts`, with tokens kept, renewed and sent along. */

import createClient, { type Client, type Middleware } from "openapi-fetch";

import { Credentials, type Keeper } from "./credentials.ts";
import type { components, paths } from "./schema.ts";

export { Credentials, inMemory, type Keeper, type Tokens } from "./credentials.ts";
export { FeriaProblem, once, unwrap, type Problem } from "./problems.ts";
export type { components, operations, paths } from "./schema.ts";

/** The shapes of bodies and answers by name, `Schemas["ProductCard"]`. */
export type Schemas = components["schemas"];

export interface Options {
  /** Where the shop answers; empty for the origin that served the page. */
  baseUrl?: string;
  /** Where tokens outlive a page, `localStorage` in a browser; by default nowhere. */
  keeper?: Keeper;
  /** The language of messages and content, asked for every call. */
  language?: () => string;
  /** Called when the session has ended and cannot be renewed. */
  onSignedOut?: () => void;
}

export interface Feria {
  /** `feria.api.GET("/api/products", …)`: every call of the API, typed. */
  api: Client<paths>;
  /** The tokens of the session and of the guest's cart. */
  credentials: Credentials;
}

const REFRESH = "/api/auth/refresh";

/** Return a client; several may share one keeper. */
export function createFeria(options: Options = {}): Feria {
  const api = createClient<paths>({
    baseUrl: options.baseUrl ?? "",
    // `attr.colour=red&attr.colour=blue`: repeated names, as the API reads them.
    querySerializer: { array: { style: "form", explode: true } },
  });
  const credentials = new Credentials(options.keeper, async (token) => {
    const { data } = await createClient<paths>({ baseUrl: options.baseUrl ?? "" }).POST(REFRESH, {
      body: { refresh_token: token },
    });
    return data;
  });
  api.use(languageOf(options), guestsCart(credentials), session(credentials, options));
  return { api, credentials };
}

function languageOf(options: Options): Middleware {
  return {
    onRequest({ request }) {
      if (options.language) request.headers.set("Accept-Language", options.language());
      return request;
    },
  };
}

/** A guest's cart belongs to whoever holds its token: keep the one that answers carry. */
function guestsCart(credentials: Credentials): Middleware {
  return {
    onRequest({ request }) {
      const token = credentials.cartToken;
      if (token && !request.headers.has("Cart-Token")) request.headers.set("Cart-Token", token);
      return request;
    },
    onResponse({ response }) {
      const token = response.headers.get("Cart-Token");
      if (token) credentials.cartToken = token;
      return response;
    },
  };
}

/** Send the access token; where it has ended, renew it once for all waiting calls and repeat the call. */
function session(credentials: Credentials, options: Options): Middleware {
  const copies = new WeakMap<Request, Request>();
  return {
    async onRequest({ request }) {
      const token = await credentials.accessToken();
      if (token) request.headers.set("Authorization", `Bearer ${token}`);
      copies.set(request, request.clone());
      return request;
    },
    async onResponse({ request, response }) {
      const copy = copies.get(request);
      const used = request.headers.get("Authorization");
      if (response.status !== 401 || !used || !copy) return response;
      const problem = (await response.clone().json().catch(() => ({}))) as { code?: string };
      if (problem.code !== "unauthenticated") return response;
      const token = await credentials.renew(used.replace("Bearer ", ""));
      const again = new Request(copy);
      if (token) again.headers.set("Authorization", `Bearer ${token}`);
      else {
        again.headers.delete("Authorization");
        options.onSignedOut?.();
      }
      return fetch(again);
    },
  };
}
