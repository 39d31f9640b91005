import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Direction, type FlowFault, noFault, trickleMs } from './flow-fault.ts';
import { resetSocket } from './reset-socket.ts';

export interface Address {
  host: string;
  port: number;
}

/** A place in the traffic at which a connection is held. */
export interface Hold {
  /** Resolves when the traffic has come there: what holds the pattern, and all behind it, is not passed on. */
  readonly reached: Promise<void>;
  /** Lets it pass, or gives up waiting for it. */
  release(): void;
}

interface PlannedHold {
  pattern: Buffer;
  direction: Direction;
  reached: PromiseWithResolvers<void>;
  released: PromiseWithResolvers<void>;
  taken: boolean;
}

/** How connections are met: passed on, reset as soon as they are made, or not accepted at all. */
type Door = 'open' | 'resets' | 'refuses';

/**
 * A TCP proxy that breaks connections on request, in front of any server.
 *
 * Faults hold until `heal()`; each can be put on one direction or both. The port stays the same for the life of the
 * proxy, whatever it does meanwhile.
 */
export class FaultProxy implements AsyncDisposable {
  readonly port: number;
  #target: Address;
  #server: Server;
  #door: Door = 'open';
  #flow: Record<Direction, FlowFault> = { request: noFault, reply: noFault };
  /** Resolved, and replaced, whenever a fault begins or ends. */
  #changed = Promise.withResolvers<void>();
  readonly #links = new Set<Link>();
  #holds: PlannedHold[] = [];
  #accepted = 0;
  #stopped = false;

  private constructor(target: Address, server: Server) {
    this.#target = target;
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => this.#accept(socket));
  }

  /** @param target address of the server, or its URL */
  static async start(target: Address | string): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true });
    await listenForLife(server);
    return new FaultProxy(addressOf(target), server);
  }

  get address(): Address {
    return { host: '127.0.0.1', port: this.port };
  }

  /** The URL of the server behind, with this proxy's host and port in place of its own. */
  urlFor(url: string): string {
    const through = new URL(url);
    through.hostname = this.address.host;
    through.port = String(this.port);
    return through.href.replace(/\/$/, '');
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#links.size;
  }

  /** Connections that were ever made. */
  get accepted(): number {
    return this.#accepted;
  }

  /** New connections go to another server: a failover. Existing ones are reset. */
  retarget(target: Address | string): void {
    this.#target = addressOf(target);
    this.resetExisting();
  }

  /** Every open connection gets a RST, once. */
  resetExisting(): void {
    for (const link of [...this.#links]) link.reset();
  }

  /** Every open connection is ended with a FIN, once. */
  closeExisting(): void {
    for (const link of [...this.#links]) link.close();
  }

  /** Open connections are reset, and every new one as soon as it is made. */
  resetAll(): void {
    this.#door = 'resets';
    this.resetExisting();
  }

  /** The server is gone: open connections are reset, new ones are refused by the operating system. */
  async refuse(): Promise<void> {
    this.#door = 'refuses';
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.resetExisting();
    await closed;
  }

  /**
   * Half-open: connections stand and are accepted, and nothing passes. With one direction only, the other goes on: a
   * request that arrives and is never answered, or the reverse.
   */
  stall(direction?: Direction): void {
    this.#set({ stalled: true }, direction);
  }

  slow(fault: { bytesPerSecond?: number; latencyMs?: number }, direction?: Direction): void {
    this.#set(fault, direction);
  }

  /** Ends the next connections that carry more than this. @param times how many connections; default 1 */
  cutAfter(
    afterBytes: number,
    options: { direction?: Direction; how?: 'reset' | 'close'; times?: number } = {},
  ): void {
    const { direction = 'reply', how = 'reset', times = 1 } = options;
    this.#set({ cut: { afterBytes, how, left: times } }, direction);
  }

  /**
   * Holds the first connection that is about to carry these bytes, right before them: with the process behind it killed
   * there, the server never sees what they are part of. They must come in one piece, as a short command does.
   */
  holdAt(pattern: string, direction: Direction = 'request'): Hold {
    const hold: PlannedHold = {
      pattern: Buffer.from(pattern),
      direction,
      reached: Promise.withResolvers(),
      released: Promise.withResolvers(),
      taken: false,
    };
    this.#holds.push(hold);
    return {
      reached: hold.reached.promise,
      release: () => {
        hold.released.resolve();
        this.#holds = this.#holds.filter((one) => one !== hold);
      },
    };
  }

  /** How many connections a planned cut may still end; 0: there is none. */
  get cutsLeft(): number {
    return (this.#flow.request.cut?.left ?? 0) + (this.#flow.reply.cut?.left ?? 0);
  }

  /** Ends every fault. What was held back passes. */
  async heal(): Promise<void> {
    this.#flow = { request: noFault, reply: noFault };
    for (const hold of this.#holds.splice(0)) hold.released.resolve();
    const refused = this.#door === 'refuses';
    this.#door = 'open';
    if (refused) await this.#listenAgain();
    this.#announce();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    if (this.#server.listening) await this.refuse();
    else this.resetExisting();
  }

  #set(fault: Partial<FlowFault>, direction?: Direction): void {
    const flow = { ...this.#flow };
    if (direction !== 'reply') flow.request = { ...flow.request, ...fault };
    if (direction !== 'request') flow.reply = { ...flow.reply, ...fault };
    this.#flow = flow;
    this.#announce();
  }

  #announce(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Until when these bytes are held; `null` where they are not. */
  #take(direction: Direction, bytes: Buffer): Promise<void> | null {
    const hold = this.#holds.find(
      (one) => !one.taken && one.direction === direction && bytes.includes(one.pattern),
    );
    if (hold === undefined) return null;
    hold.taken = true;
    hold.reached.resolve();
    return hold.released.promise;
  }

  /** The port was free for a while: another proxy may have tried it at this moment. */
  async #listenAgain(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const server = createServer({ allowHalfOpen: true });
      try {
        await listen(server, this.port);
        server.on('connection', (socket) => this.#accept(socket));
        this.#server = server;
        return;
      } catch (error) {
        if (attempt === 100) throw error;
        await sleep(100);
      }
    }
  }

  #accept(client: Socket): void {
    this.#accepted += 1;
    client.on('error', () => {});
    if (this.#door === 'resets' || this.#stopped) {
      resetSocket(client);
      return;
    }
    const server = connect({ ...this.#target, allowHalfOpen: true });
    server.on('error', () => {});
    const link = new Link(client, server, {
      look: (direction) => ({ fault: this.#flow[direction], changed: this.#changed.promise }),
      hold: (direction, bytes) => this.#take(direction, bytes),
    });
    this.#links.add(link);
    void link.run().finally(() => this.#links.delete(link));
  }
}

/** What a connection asks of its proxy. */
interface Rules {
  look(direction: Direction): { fault: FlowFault; changed: Promise<void> };
  hold(direction: Direction, bytes: Buffer): Promise<void> | null;
}

/** One proxied connection. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #rules: Rules;
  readonly #ended = Promise.withResolvers<void>();
  #over = false;

  constructor(client: Socket, server: Socket, rules: Rules) {
    this.#client = client;
    this.#server = server;
    this.#rules = rules;
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('close', (hadError) => {
        if (hadError) this.reset();
      });
    }
  }

  async run(): Promise<void> {
    await Promise.all([
      this.#pump(this.#client, this.#server, 'request'),
      this.#pump(this.#server, this.#client, 'reply'),
    ]);
    this.#end();
  }

  reset(): void {
    if (this.#over) return;
    this.#end();
    resetSocket(this.#client);
    resetSocket(this.#server);
  }

  close(): void {
    if (this.#over) return;
    this.#end();
    // Whoever does not answer the FIN is not waited for.
    for (const socket of [this.#client, this.#server]) socket.destroySoon();
  }

  #end(): void {
    this.#over = true;
    this.#ended.resolve();
  }

  async #pump(from: Socket, to: Socket, direction: Direction): Promise<void> {
    let cut: FlowFault['cut'] = null;
    let passed = 0;
    try {
      for await (const chunk of from) {
        let rest = chunk as Buffer;
        const held = this.#rules.hold(direction, rest);
        if (held !== null) await this.#unlessOver(held);
        while (rest.length > 0) {
          const fault = await this.#passage(direction);
          if (this.#over) return;
          if (fault.cut !== cut) {
            cut = fault.cut;
            passed = 0;
          }
          let piece = rest;
          if (fault.bytesPerSecond !== null) {
            piece = piece.subarray(0, Math.max(1, Math.round((fault.bytesPerSecond * trickleMs) / 1000)));
            await this.#unlessOver(sleep(trickleMs));
          }
          if (cut !== null && cut.left > 0 && passed + piece.length > cut.afterBytes) {
            cut.left -= 1;
            await this.#write(to, piece.subarray(0, cut.afterBytes - passed));
            // What was written reaches the other side before the end does.
            await sleep(5);
            if (cut.how === 'reset') this.reset();
            else this.close();
            return;
          }
          passed += piece.length;
          rest = rest.subarray(piece.length);
          await this.#write(to, piece);
        }
      }
      await this.#passage(direction);
      if (!this.#over) to.end();
    } catch {
      this.reset();
    }
  }

  /** Waits for as long as nothing may pass; resolves with the fault that then holds. */
  async #passage(direction: Direction): Promise<FlowFault> {
    const { fault: first } = this.#rules.look(direction);
    if (first.latencyMs > 0) await this.#unlessOver(sleep(first.latencyMs));
    for (;;) {
      const { fault, changed } = this.#rules.look(direction);
      if (!fault.stalled || this.#over) return fault;
      await this.#unlessOver(changed);
    }
  }

  async #write(to: Socket, piece: Buffer): Promise<void> {
    if (piece.length === 0 || this.#over) return;
    if (!to.write(piece) && !to.destroyed) {
      await this.#unlessOver(Promise.race([once(to, 'drain'), once(to, 'close')]));
    }
  }

  async #unlessOver(wait: Promise<unknown>): Promise<void> {
    await Promise.race([wait, this.#ended.promise]);
  }
}

function addressOf(target: Address | string): Address {
  if (typeof target !== 'string') return target;
  const { protocol, hostname, port } = new URL(target);
  const usual: Record<string, number> = { 'redis:': 6379, 'http:': 80, 'https:': 443 };
  return { host: hostname, port: port === '' ? (usual[protocol] ?? 0) : Number(port) };
}

/**
 * Listens on a port below those that the system gives to outgoing connections and to whoever asks for any: while the proxy
 * refuses connections its port is free, and would be taken by one of these on a busy machine.
 */
async function listenForLife(server: Server): Promise<void> {
  const { first, count } = keptPorts;
  for (let tries = 0; tries < 50; tries++) {
    const port = first + randomInt(count);
    if (taken.has(port)) continue;
    try {
      await listen(server, port);
      taken.add(port);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    }
  }
  await listen(server, 0);
}

const keptPorts = { first: 15_000, count: 15_000 };
/** Of this process, also while they are closed. */
const taken = new Set<number>();

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
