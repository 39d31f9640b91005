import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { resetSocket } from './reset-socket.ts';

test.for([
  { what: 'an open connection', ended: false },
  { what: 'a connection whose own end is on its way', ended: true },
])('$what is gone for the other side', async ({ ended }) => {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer({ pauseOnConnect: true }, (socket) => accepted.resolve(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const refused: unknown[] = [];
  socket.on('error', (error: NodeJS.ErrnoException) => refused.push(error.code));
  const other = await accepted.promise;
  const gone = new Promise<boolean>((resolve) =>
    other.on('error', () => {}).on('close', () => resolve(true)),
  );
  if (ended) {
    socket.end();
    // The end is handed over to the operating system, and not carried out before the next turn.
    await new Promise((resolve) => process.nextTick(resolve));
  }
  resetSocket(socket);
  other.resume();
  expect(await gone).toBe(true);
  expect(refused).toEqual([]);
  await new Promise((resolve) => server.close(resolve));
});
