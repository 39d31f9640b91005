import { ARCHIVE_DEAD_LETTER, AUDIT_DEAD_LETTER, errorKinds, type QueueName } from '@trunkline/contracts';
import type { Queue } from 'bullmq';
import { type ExitCode, exitCodes, UsageError } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { type Act, onRecord } from '../frame/on-record.ts';
import { withQueue } from '../frame/with-queue.ts';
import { count, counted, printable } from '../terminal/text.ts';

export interface RetryOptions {
  job?: string;
  code?: string;
  all: boolean;
  json: boolean;
}

/** `gone`: removed since, retried by somebody else, or it does not stand failed. */
interface Retried {
  readonly id: string;
  readonly result: 'retried' | 'gone';
}

const deadLetterCommands: Partial<Record<QueueName, string>> = {
  [AUDIT_DEAD_LETTER]: 'trunkline dead-letters requeue',
  [ARCHIVE_DEAD_LETTER]: 'trunkline archive dead-letters requeue',
};

/** Has failed jobs run again: those that stand failed when it begins, each once, whatever becomes of it meanwhile. */
export async function retryFailed(io: CommandIo, name: QueueName, options: RetryOptions): Promise<ExitCode> {
  const instead = deadLetterCommands[name];
  if (instead !== undefined) throw new UsageError(`${name} holds dead letters: use \`${instead}\`.`);
  const given = [options.job !== undefined, options.code !== undefined, options.all].filter(Boolean).length;
  if (given !== 1) throw new UsageError('Say which jobs are meant, with one of --job, --code or --all.');
  if (options.code !== undefined && !Object.hasOwn(errorKinds, options.code))
    throw new UsageError('--code must be an error code, such as ARCHIVE_DIGEST_MISMATCH.');
  return withQueue(io, name, async (queue, progress, redis) => {
    const ids =
      options.job === undefined ? await redis.zrange(queue.toKey('failed'), '0', '-1') : [options.job];
    const retried: Retried[] = [];
    let again = 0;
    await onRecord(io, redis, actOf(name, options), progress, async (done) => {
      for (const id of ids) {
        const result = await retry(queue, id, options.code);
        if (result !== null) retried.push({ id, result });
        if (result === 'retried') done(++again);
        progress.at({ what: 'Retrying', share: null, detail: counted(retried.length, 'job') });
      }
    });
    progress[Symbol.dispose]();
    io.out.write(
      options.json ? `${JSON.stringify({ v: 1, queue: name, jobs: retried })}\n` : textOf(retried),
    );
    // Of many, some may be dealt with by others meanwhile; the one that was named is to be there.
    const named = options.job !== undefined && retried.some(({ result }) => result === 'gone');
    return named ? exitCodes.findings : exitCodes.ok;
  });
}

function actOf(queue: QueueName, { job, code }: RetryOptions): Act {
  if (job !== undefined) return { action: 'retry', target: `${queue} ${printable(job)}`, ahead: false };
  const which = code === undefined ? '' : ` with ${code}`;
  return { action: 'retry-all', target: `${queue}, all failed${which}`, ahead: true };
}

/** `null`: it failed with another code. */
async function retry(queue: Queue, id: string, code: string | undefined): Promise<Retried['result'] | null> {
  const job = await queue.getJob(id);
  if (job === undefined) return 'gone';
  if (code !== undefined && !job.failedReason?.startsWith(`${code}: `)) return null;
  return job.retry('failed').then(
    () => 'retried' as const,
    () => 'gone' as const,
  );
}

function textOf(retried: readonly Retried[]): string {
  if (retried.length === 0) return 'no failed job is meant\n';
  const gone = retried.filter(({ result }) => result === 'gone');
  return [
    `${counted(retried.length - gone.length, 'job runs', 'jobs run')} again`,
    ...(gone.length === 0 ? [] : [`${count(gone.length)} did not stand failed, or are gone`]),
    ...gone.slice(0, 20).map(({ id }) => `  ${printable(id)}`),
    '',
  ].join('\n');
}
