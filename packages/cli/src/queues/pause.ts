import type { QueueName } from '@trunkline/contracts';
import { type ExitCode, exitCodes } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { onRecord } from '../frame/on-record.ts';
import { withQueue } from '../frame/with-queue.ts';

export async function setPaused(
  io: CommandIo,
  name: QueueName,
  paused: boolean,
  { json }: { json: boolean },
): Promise<ExitCode> {
  return withQueue(io, name, async (queue, progress, redis) => {
    const before = await queue.isPaused();
    if (before !== paused) {
      const act = { action: paused ? 'pause' : 'resume', target: name, ahead: false };
      await onRecord(io, redis, act, progress, () => (paused ? queue.pause() : queue.resume()));
    }
    const word = paused ? 'paused' : 'running';
    const text = before === paused ? `${name} was ${word} before` : `${name} is ${word}`;
    io.out.write(
      json ? `${JSON.stringify({ v: 1, queue: name, paused, changed: before !== paused })}\n` : `${text}\n`,
    );
    return exitCodes.ok;
  });
}
