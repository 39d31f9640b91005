import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FaultProxy } from './fault-proxy.ts';

/** Answers each byte with the same byte, and ends when its client ends. */
let server: Server;
let proxy: FaultProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => {}).pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await FaultProxy.start({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy[Symbol.asyncDispose]();
  await new Promise((resolve) => server.close(resolve));
});

interface Client {
  socket: Socket;
  received: () => string;
  /** How the connection ended: the error's code, or `end`. */
  ended: Promise<string>;
}

function dial(): Client {
  const socket = connect(proxy.address);
  clients.push(socket);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  const ended = new Promise<string>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    socket.on('end', () => resolve('end'));
  });
  return { socket, received: () => text, ended };
}

async function echoes(client: Client, text: string): Promise<void> {
  client.socket.write(text);
  await expect.poll(client.received).toContain(text);
}

test('without a fault it passes everything, both ways, the end too', async () => {
  const client = dial();
  const large = 'x'.repeat(1_000_000);
  client.socket.end(large);
  expect(await client.ended).toBe('end');
  expect(client.received()).toBe(large);
  await expect.poll(() => proxy.connections).toBe(0);
});

test('existing connections are reset once; the next one works', async () => {
  const client = dial();
  await echoes(client, 'one');
  proxy.resetExisting();
  expect(await client.ended).toBe('ECONNRESET');
  await echoes(dial(), 'two');
});

test('new connections are reset until it heals', async () => {
  proxy.resetAll();
  expect(await dial().ended).toBe('ECONNRESET');
  await proxy.heal();
  await echoes(dial(), 'healed');
});

test('it refuses connections and comes back on the same port', async () => {
  const { port } = proxy;
  await proxy.refuse();
  expect(await dial().ended).toBe('ECONNREFUSED');
  await proxy.heal();
  expect(proxy.port).toBe(port);
  await echoes(dial(), 'back');
});

test('a stalled connection stays open, holds back, and goes on where it stopped', async () => {
  const client = dial();
  await echoes(client, 'before ');
  proxy.stall('reply');
  client.socket.write('during');
  const other = dial();
  await once(other.socket, 'connect');
  // The request has passed: the other direction is open. What comes back waits.
  expect(client.received()).toBe('before ');
  expect(proxy.connections).toBeGreaterThan(0);
  await proxy.heal();
  await expect.poll(client.received).toBe('before during');
});

test('a reply is cut after so many bytes, as often as it was told', async () => {
  proxy.cutAfter(4, { times: 1 });
  const client = dial();
  client.socket.write('12345678');
  expect(await client.ended).toBe('ECONNRESET');
  expect('1234'.startsWith(client.received())).toBe(true);
  expect(proxy.cutsLeft).toBe(0);
  await echoes(dial(), 'whole again');
});

test('a cut can look like an end', async () => {
  proxy.cutAfter(4, { how: 'close' });
  const client = dial();
  client.socket.write('12345678');
  expect(await client.ended).toBe('end');
  expect(client.received()).toBe('1234');
});

test('a slow direction trickles, and nothing of it is lost', async () => {
  proxy.slow({ bytesPerSecond: 100 }, 'request');
  const client = dial();
  client.socket.write('0123456789');
  await expect.poll(() => client.received().length).toBeGreaterThan(0);
  await expect.poll(client.received).toBe('0123456789');
});

test('after a change of target, connections are made to the other server', async () => {
  const other = createServer((socket) => socket.on('error', () => {}).end('other'));
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const first = dial();
  await echoes(first, 'first');
  proxy.retarget({ host: '127.0.0.1', port: (other.address() as AddressInfo).port });
  expect(await first.ended).toBe('ECONNRESET');
  const second = dial();
  await second.ended;
  expect(second.received()).toBe('other');
  await new Promise((resolve) => other.close(resolve));
});

test('a connection is held right before chosen bytes, and others go on', async () => {
  const hold = proxy.holdAt('accept');
  const client = dial();
  await echoes(client, 'payload');
  client.socket.write('accept 1');
  await hold.reached;
  await echoes(dial(), 'accept 2');
  expect(client.received()).toBe('payload');
  hold.release();
  await expect.poll(client.received).toBe('payloadaccept 1');
});

test('the address of a server is told with the proxy in its place', () => {
  expect(proxy.urlFor('redis://user:pass@db:6379/2')).toBe(`redis://user:pass@127.0.0.1:${proxy.port}/2`);
  expect(proxy.urlFor('http://es:9200')).toBe(`http://127.0.0.1:${proxy.port}`);
});
