/** Addresses that every machine has; they say nothing about a person. */
const anybodys = new Set(['127.0.0.1', '0.0.0.0', '::1', '::']);
/** Shorter names stand in any text by chance. */
const shortestName = 5;

/** Names of users and addresses that were served, to be looked for where they must not be. */
export class PersonalData {
  readonly #names = new Set<string>();
  readonly #addresses = new Set<string>();

  /** Takes what an event holds. @param source its source text */
  learn(source: string): void {
    const event: unknown = JSON.parse(source);
    if (typeof event !== 'object' || event === null) return;
    const { userName, ipAddress } = event as { userName?: unknown; ipAddress?: unknown };
    if (typeof userName === 'string' && userName.length >= shortestName) this.#names.add(userName);
    if (typeof ipAddress === 'string' && looksLikeAddress(ipAddress) && !anybodys.has(ipAddress)) {
      this.#addresses.add(ipAddress.toLowerCase());
    }
  }

  get size(): number {
    return this.#names.size + this.#addresses.size;
  }

  /** What of it stands in a text. */
  foundIn(text: string): string[] {
    const found = new Set<string>();
    for (const name of this.#names) {
      if (text.includes(name) || text.includes(JSON.stringify(name).slice(1, -1))) found.add(name);
    }
    for (const [address] of text.matchAll(/[0-9a-f]*[.:][0-9a-f.:]+/gi)) {
      const plain = address.toLowerCase();
      if (this.#addresses.has(plain)) found.add(plain);
    }
    return [...found];
  }
}

function looksLikeAddress(text: string): boolean {
  return /^[0-9a-f.:]{7,}$/i.test(text);
}
