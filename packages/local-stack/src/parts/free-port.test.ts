import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from './free-port.ts';

test('a port that is taken is passed over for one that is free', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const taken = (holder.address() as AddressInfo).port;
  const other = await freePort(taken);
  expect(other).not.toBe(taken);
  expect(other).toBeGreaterThan(0);
  await new Promise((resolve) => holder.close(resolve));
  expect(await freePort(taken)).toBe(taken);
});
