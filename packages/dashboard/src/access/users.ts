import { createHash } from 'node:crypto';
import { commaList } from '@trunkline/service';
import { z } from 'zod';
import { type PasswordHash, parsePasswordHash, passwordMatches, unmatchableHash } from './password.ts';

/** A viewer reads; an operator also acts on jobs and queues. */
export type Role = 'viewer' | 'operator';

export interface User {
  readonly name: string;
  readonly role: Role;
  readonly hash: PasswordHash;
  /** Changes with the password, so that sessions opened with an earlier one end. */
  readonly fingerprint: string;
}

const userText = z.string().transform((text, context): User => {
  const [name = '', role, hashText = '', ...rest] = text.split(':');
  const hash = parsePasswordHash(hashText);
  const valid =
    rest.length === 0 && /^[\w.@-]{1,64}$/.test(name) && (role === 'viewer' || role === 'operator') && hash;
  if (!valid) {
    context.addIssue(
      'must be a list of name:role:hash, role viewer or operator, hash as `hash-password` of @trunkline/dashboard prints it',
    );
    return z.NEVER;
  }
  return { name, role, hash, fingerprint: createHash('sha256').update(hashText).digest('base64url') };
});

/** The text of DASHBOARD_USERS. */
export const userList: z.ZodType<User[]> = commaList(userText).refine(
  (users) => new Set(users.map((user) => user.name)).size === users.length,
  'names a user twice',
);

/** The users of the configuration. */
export class Users {
  readonly #byName: ReadonlyMap<string, User>;
  readonly #stranger = unmatchableHash();

  constructor(users: readonly User[]) {
    this.#byName = new Map(users.map((user) => [user.name, user]));
  }

  find(name: string): User | null {
    return this.#byName.get(name) ?? null;
  }

  /** The user whose password this is; an unknown name takes as long as a wrong password. */
  async withPassword(name: string, password: string): Promise<User | null> {
    const user = this.find(name);
    const matches = await passwordMatches(password, user?.hash ?? this.#stranger);
    return user !== null && matches ? user : null;
  }
}
