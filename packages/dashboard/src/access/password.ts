import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** A password's scrypt hash with what it was made with. */
export interface PasswordHash {
  readonly costFactor: number;
  readonly blockSize: number;
  readonly parallelism: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** 32 MiB and about a tenth of a second a guess: one of the settings that OWASP's password storage sheet advises. */
const made = { costFactor: 2 ** 15, blockSize: 8, parallelism: 1, saltBytes: 16, keyBytes: 32 } as const;

/** No more memory than this is spent on one login, whatever a configured hash asks for. */
const maxMemoryBytes = 256 * 2 ** 20;

/** Longest password that is looked at, in bytes of UTF-8: hashing must not be made expensive by its input. */
export const maxPasswordBytes = 1_024;

/**
 * The text for DASHBOARD_USERS: `scrypt$N$r$p$salt$key`, salt and key in base64. It holds no comma and no colon.
 * The password is hashed as its NFKC form, so that it can be typed on any keyboard.
 */
export async function hashPassword(password: string): Promise<string> {
  const { costFactor, blockSize, parallelism, saltBytes, keyBytes } = made;
  const salt = randomBytes(saltBytes);
  const key = await derive(password, {
    costFactor,
    blockSize,
    parallelism,
    salt,
    key: Buffer.alloc(keyBytes),
  });
  return ['scrypt', costFactor, blockSize, parallelism, salt.toString('base64'), key.toString('base64')].join(
    '$',
  );
}

/** Reads what `hashPassword` wrote; `null` where the text is no such hash or a weaker or dearer one than allowed. */
export function parsePasswordHash(text: string): PasswordHash | null {
  const match =
    /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]+={0,2})$/.exec(text);
  if (match === null) return null;
  const [costFactor, blockSize, parallelism] = match.slice(1, 4).map(Number) as [number, number, number];
  const salt = Buffer.from(match[4] ?? '', 'base64');
  const key = Buffer.from(match[5] ?? '', 'base64');
  const isPowerOfTwo = (costFactor & (costFactor - 1)) === 0;
  if (!isPowerOfTwo || costFactor < 2 ** 14 || blockSize < 8 || parallelism < 1) return null;
  if (memoryBytes(costFactor, blockSize) > maxMemoryBytes || parallelism > 16) return null;
  if (salt.length < 16 || key.length < 32) return null;
  return { costFactor, blockSize, parallelism, salt, key };
}

/** Compares in constant time. A password that is too long is wrong. */
export async function passwordMatches(password: string, hash: PasswordHash): Promise<boolean> {
  if (Buffer.byteLength(password) > maxPasswordBytes) return false;
  return timingSafeEqual(await derive(password, hash), hash.key);
}

/** A hash that no password has, to be compared with where the user is unknown, so that both take equally long. */
export function unmatchableHash(): PasswordHash {
  const { costFactor, blockSize, parallelism, saltBytes, keyBytes } = made;
  return { costFactor, blockSize, parallelism, salt: randomBytes(saltBytes), key: randomBytes(keyBytes) };
}

function memoryBytes(costFactor: number, blockSize: number): number {
  return 128 * costFactor * blockSize;
}

function derive(password: string, hash: PasswordHash): Promise<Buffer> {
  const { costFactor: N, blockSize: r, parallelism: p, salt, key } = hash;
  return new Promise((resolve, reject) => {
    // Node counts a little more than the table itself; exactly its size would be refused.
    const options = { N, r, p, maxmem: 2 * memoryBytes(N, r) };
    scrypt(password.normalize('NFKC'), salt, key.length, options, (error, derived) => {
      if (error === null) resolve(derived);
      else reject(error);
    });
  });
}
