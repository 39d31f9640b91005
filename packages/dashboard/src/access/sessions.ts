import { createHash, randomBytes } from 'node:crypto';
import { deploymentPrefix } from '@trunkline/contracts';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Role, User, Users } from './users.ts';

/** Who asks. `name: null`: nobody logged in, on a dashboard that is open to this machine for reading. */
export interface Visitor {
  readonly name: string | null;
  readonly role: Role;
  /** How they came in; whoever a proxy has logged in logs out there. */
  readonly by: 'session' | 'proxy' | 'nothing';
}

const storedSession = z.object({ name: z.string(), fingerprint: z.string() });

/**
 * Sessions in Redis, so that they hold for every replica, survive a restart, and end at once on logout.
 *
 * Redis holds the SHA-256 of the token, never the token: who reads Redis cannot take over a session. The role is that of
 * the configuration at the time of the request; a removed user or a changed password ends the session.
 */
export class Sessions {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #users: Users;
  readonly lengthMs: number;

  constructor(redis: Redis, deployment: string, users: Users, lengthMs: number) {
    this.#redis = redis;
    this.#prefix = `${deploymentPrefix(deployment)}:dashboard:session:`;
    this.#users = users;
    this.lengthMs = lengthMs;
  }

  /** Opens a session and returns its token, for the cookie. */
  async open(user: User): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const stored = JSON.stringify({ name: user.name, fingerprint: user.fingerprint });
    await this.#redis.set(this.#key(token), stored, 'PX', this.lengthMs);
    return token;
  }

  async find(token: string): Promise<Visitor | null> {
    const text = await this.#redis.get(this.#key(token));
    if (text === null) return null;
    const { name, fingerprint } = storedSession.parse(JSON.parse(text));
    const user = this.#users.find(name);
    return user?.fingerprint === fingerprint ? { name, role: user.role, by: 'session' } : null;
  }

  async end(token: string): Promise<void> {
    await this.#redis.del(this.#key(token));
  }

  #key(token: string): string {
    return this.#prefix + createHash('sha256').update(token).digest('base64url');
  }
}
