/** What a browser holds for the person who uses it: the session's tokens, and the token of a guest's cart. */

export interface Tokens {
  access_token: string;
  refresh_token: string;
  expires_in: number;
}

/** Where credentials outlive a page; `localStorage` is one. */
export interface Keeper {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

interface Session {
  access: string;
  refresh: string;
  /** Milliseconds since 1970. */
  until: number;
}

const SESSION = "feria.session";
const CART = "feria.cart";
// Renewed this long before the end, so that no call starts with a token that ends on its way.
const MARGIN_MS = 15_000;

export class Credentials {
  private renewing: Promise<string | null> | null = null;

  constructor(
    private readonly keeper: Keeper = inMemory(),
    private readonly ask: (refreshToken: string) => Promise<Tokens | undefined>,
  ) {}

  get isSignedIn(): boolean {
    return this.session !== null;
  }

  get refreshToken(): string | null {
    return this.session?.refresh ?? null;
  }

  get cartToken(): string | null {
    return this.keeper.getItem(CART);
  }

  set cartToken(token: string | null) {
    if (token === null) this.keeper.removeItem(CART);
    else this.keeper.setItem(CART, token);
  }

  /** Keep what signing in or renewing gave. */
  keep(tokens: Tokens): void {
    const session: Session = {
      access: tokens.access_token,
      refresh: tokens.refresh_token,
      until: Date.now() + tokens.expires_in * 1000,
    };
    this.keeper.setItem(SESSION, JSON.stringify(session));
  }

  /** Forget the session; the cart stays. */
  forget(): void {
    this.keeper.removeItem(SESSION);
  }

  /** Return a token that holds for the next seconds, renewed where needed; null for a guest. */
  async accessToken(): Promise<string | null> {
    const session = this.session;
    if (!session) return null;
    return Date.now() < session.until - MARGIN_MS ? session.access : this.renew(session.access);
  }

  /**
   * Return a token newer than `used`, null where the session is over.
   *
   * A refresh token holds once: all who ask meanwhile wait for one answer, and another tab's is taken as ours.
   */
  async renew(used: string): Promise<string | null> {
    this.renewing ??= this.exclusively(used).finally(() => (this.renewing = null));
    return this.renewing;
  }

  private async exclusively(used: string): Promise<string | null> {
    const locks = typeof navigator === "undefined" ? undefined : navigator.locks;
    return locks ? locks.request(SESSION, () => this.renewed(used)) : this.renewed(used);
  }

  private async renewed(used: string): Promise<string | null> {
    const session = this.session;
    if (!session) return null;
    if (session.access !== used) return session.access;
    const tokens = await this.ask(session.refresh);
    if (!tokens) {
      this.forget();
      return null;
    }
    this.keep(tokens);
    return tokens.access_token;
  }

  private get session(): Session | null {
    const kept = this.keeper.getItem(SESSION);
    if (!kept) return null;
    try {
      return JSON.parse(kept) as Session;
    } catch {
      this.forget();
      return null;
    }
  }
}

/** Return a keeper that forgets with the page. */
export function inMemory(): Keeper {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
}
