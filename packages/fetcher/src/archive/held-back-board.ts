import { type HeldBackWindow, heldBackWindow, heldBackWindowsKey } from '@trunkline/contracts';
import type { Redis } from 'ioredis';

/** Where fetchers show which windows are held back, and why. For people: no truth is kept here. */
export class HeldBackBoard {
  readonly #redis: Redis;
  readonly #key: string;

  constructor(redis: Redis, deployment: string) {
    this.#redis = redis;
    this.#key = heldBackWindowsKey(deployment);
  }

  async show(window: HeldBackWindow): Promise<void> {
    await this.#redis.hset(this.#key, window.windowId, JSON.stringify(window));
  }

  /** It goes on, or stands failed. */
  async takeOff(windowId: string): Promise<void> {
    await this.#redis.hdel(this.#key, windowId);
  }

  async read(windowId: string): Promise<HeldBackWindow | null> {
    return parsed((await this.#redis.hget(this.#key, windowId)) ?? '');
  }

  async readAll(): Promise<HeldBackWindow[]> {
    const lines = Object.values(await this.#redis.hgetall(this.#key));
    return lines.flatMap((line) => parsed(line) ?? []);
  }
}

function parsed(line: string): HeldBackWindow | null {
  try {
    return heldBackWindow.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
