import { TrunklineError } from '@trunkline/contracts';

/** What the headers of a reply say of the SHA-256 of the whole representation. */
export interface StatedDigest {
  /** Lower-case hex; `null`: none is stated. */
  sha256: string | null;
  /** Headers that are there and cannot be read: they count as absent. */
  unreadable: readonly string[];
}

/**
 * Reads `Repr-Digest` (RFC 9530, 3: a dictionary of structured fields, of which the member `sha-256` counts) and
 * `X-Checksum-Sha256` (hex; guide contract, "Conversation archives").
 *
 * @param headers by lower-case name
 * @throws TrunklineError ARCHIVE_DIGEST_MISMATCH where both are stated and differ: one of them must be wrong
 */
export function statedDigest(headers: ReadonlyMap<string, string>): StatedDigest {
  const unreadable: string[] = [];
  const read = (name: string, parse: (text: string) => string | null | undefined): string | null => {
    const text = headers.get(name);
    if (text === undefined) return null;
    const value = parse(text);
    if (value === undefined) unreadable.push(name);
    return value ?? null;
  };
  const representation = read('repr-digest', sha256OfDictionary);
  const checksum = read('x-checksum-sha256', (text) =>
    /^[0-9a-f]{64}$/i.test(text.trim()) ? text.trim().toLowerCase() : undefined,
  );
  if (representation !== null && checksum !== null && representation !== checksum) {
    throw new TrunklineError('ARCHIVE_DIGEST_MISMATCH', {
      message: `Genesys states two digests of one archive: ${representation} (Repr-Digest) and ${checksum} (X-Checksum-Sha256).`,
      remedy: 'Nothing of it is used. When the source is mended, retry this job.',
    });
  }
  return { sha256: representation ?? checksum, unreadable };
}

/** Lower-case hex; `null` where the dictionary has no such member; `undefined` where it is none, or the member no SHA-256. */
function sha256OfDictionary(text: string): string | null | undefined {
  let found: string | null = null;
  let rest = text.trim();
  while (rest !== '') {
    const [whole, name, item] = member.exec(rest) ?? [];
    if (whole === undefined) return undefined;
    if (name === 'sha-256') {
      const base64 = /^:([A-Za-z0-9+/]{43}=?):$/.exec(item ?? '')?.[1];
      if (base64 === undefined) return undefined;
      found = Buffer.from(base64, 'base64').toString('hex'); // of members that stand twice the last counts (RFC 8941, 3.2)
    }
    rest = rest.slice(whole.length);
    if (rest === '') break;
    const comma = /^[ \t]*,[ \t]*(?=[^ \t])/.exec(rest)?.[0];
    if (comma === undefined) return undefined;
    rest = rest.slice(comma.length);
  }
  return found;
}

/** `key`, `key=value`, each with parameters (RFC 8941, 3.2); a value is a byte sequence, a string, or a bare word or number. */
const value = /(?::[A-Za-z0-9+/=]*:|"(?:[^"\\]|\\["\\])*"|[A-Za-z0-9*?.:/_%!#$&'^`|~+-]+)/.source;
const key = /[a-z*][a-z0-9_.*-]*/.source;
const member = new RegExp(`^(${key})(?:=(${value}))?(?: *; *${key}(?:=${value})?)*`);
