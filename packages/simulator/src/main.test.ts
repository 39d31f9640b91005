import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { SimulatorControl } from './index.ts';
import { Poller } from './testing/poller.ts';

const children: ChildProcess[] = [];
const directory = mkdtempSync(join(tmpdir(), 'simulator-'));
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

function run(environment: Record<string, string>): ChildProcess {
  const main = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return child;
}

async function listening(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const said = JSON.parse(line) as { event: string; url: string };
    expect(said).toEqual({
      event: 'simulator.listening',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    return said.url;
  }
  throw new Error('the simulator ended without a word');
}

async function ended(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

describe('the simulator as a process', () => {
  it('says where it listens and leaves on SIGTERM, a stalled client notwithstanding', async () => {
    const child = run({ SIMULATOR_BACKLOG: '5', SIMULATOR_RATE: '0' });
    const url = await listening(child);
    const poller = await Poller.connect(url);
    expect((await poller.page()).events).toHaveLength(5);
    await new SimulatorControl(url).addFaults({ kind: 'stall', bytes: 10 });
    const stalled = poller.request({ eventTypes: ['auditlogs'] }).then((response) => response.text());
    const broken = expect(stalled).rejects.toThrow();
    await expect.poll(async () => (await new SimulatorControl(url).faults())[0]?.struck).toBe(1);
    const end = ended(child);
    child.kill('SIGTERM');
    expect((await end).code).toBe(0);
    await broken;
  });

  it('goes on after kill -9 with what it had delivered', async () => {
    const environment = { SIMULATOR_BACKLOG: '50', SIMULATOR_RATE: '0', SIMULATOR_DATA_DIR: directory };
    const one = run(environment);
    const poller = await Poller.connect(await listening(one));
    const first = await poller.page(null, 20);
    const end = ended(one);
    one.kill('SIGKILL');
    await end;

    const url = await listening(run(environment));
    const rest = await new Poller(url, poller.token).page(first.nextCursor);
    expect(new Set([...first.events, ...rest.events].map(({ id }) => id)).size).toBe(50);
    expect(await new SimulatorControl(url).summary()).toMatchObject({
      served: 50,
      servedEvents: 50,
      unserved: 0,
    });
  });

  it('names every wrong setting and exits 78', async () => {
    const child = run({
      SIMULATOR_PORT: 'http',
      SIMULATOR_RATE: '-1',
      SIMULATOR_TAIL: 'long',
      SIMULATOR_ARCHIVE_ODD: 'huge,small',
    });
    const { code, stderr } = await ended(child);
    expect(code).toBe(78);
    for (const name of ['SIMULATOR_PORT', 'SIMULATOR_RATE', 'SIMULATOR_TAIL', 'SIMULATOR_ARCHIVE_ODD'])
      expect(stderr).toContain(name);
  });

  it('says so when its port is taken', async () => {
    const url = await listening(run({}));
    const { code, stderr } = await ended(run({ SIMULATOR_PORT: new URL(url).port }));
    expect(code).toBe(1);
    expect(stderr).toContain('EADDRINUSE');
  });
});
