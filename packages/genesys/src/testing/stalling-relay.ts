import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP relay whose connections can be made to stand still, as with a server that hangs. */
export class StallingRelay implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(target: { host: string; port: number }): Promise<StallingRelay> {
    const server = createServer((client) => {
      const upstream = connect(target);
      for (const socket of [client, upstream]) {
        relay.#sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => relay.#sockets.delete(socket));
      }
      client.pipe(upstream).pipe(client);
    });
    const relay = new StallingRelay(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From here on nothing passes; the connections stay. */
  stall(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
