/** A thread as the redactor's own, that dies over a line which says `poison` and never ends with one that says `endless`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { EngineSettings } from './engine-settings.ts';
import { LineRedactor } from './redact-lines.ts';
import type { LineTask } from './thread-pool.ts';

const redactor = new LineRedactor(workerData as EngineSettings);
parentPort?.on('message', ({ lines, skip }: LineTask) => {
  const bytes = Buffer.from(lines.buffer);
  if (bytes.includes('poison')) process.exit(1);
  while (bytes.includes('endless'));
  parentPort?.postMessage(redactor.redact(bytes, new Set(skip)));
});
parentPort?.postMessage('ready');
