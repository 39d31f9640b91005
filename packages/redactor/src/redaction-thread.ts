/** A thread of the pool: whole lines in, redacted lines out. It does no I/O and keeps nothing from task to task. */
import { parentPort, workerData } from 'node:worker_threads';
import type { EngineSettings } from './engine-settings.ts';
import { LineRedactor } from './redact-lines.ts';
import type { LineTask } from './thread-pool.ts';

const port = parentPort;
if (port === null) throw new Error('this file runs as a thread of the redactor');

const engine = workerData as EngineSettings;
const redactors = new Map([[engine.region, new LineRedactor(engine)]]);

/** Organisations differ in their country alone, and there are few. */
function redactorFor(region: string): LineRedactor {
  const known = redactors.get(region);
  if (known !== undefined) return known;
  const made = new LineRedactor({ ...engine, region });
  redactors.set(region, made);
  return made;
}

port.on('message', ({ lines, skip, region }: LineTask) => {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  const result = redactorFor(region).redact(bytes, new Set(skip));
  lines.buffer.transfer(0); // frees them now: a thread collects its garbage late
  port.postMessage(result, [result.redacted.buffer as ArrayBuffer, result.index.buffer as ArrayBuffer]);
});
port.postMessage('ready');
