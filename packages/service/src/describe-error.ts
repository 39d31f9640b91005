import { TrunklineError } from '@trunkline/contracts';

export interface DescribedError {
  name: string;
  code: string | null;
  /** Only where the text is known to hold no payload; else `null`. */
  message: string | null;
  /** By which the other side finds the request in its own logs; only where it named one. */
  correlationId?: string;
  /** Frames only: the first line of a stack repeats the message. */
  frames: string[];
  cause: DescribedError | null;
}

/**
 * What may be told of an error in a log, in a job's `failedReason` or on the dashboard.
 *
 * The text of a foreign error can quote what it choked on (a JSON parser does, Elasticsearch does), and that may be
 * personal data. Only our own messages and those of system calls are passed on; of all others the name, the code and
 * the frames.
 */
export function describeError(error: unknown, depth = 3): DescribedError {
  if (!(error instanceof Error)) {
    return { name: typeof error, code: null, message: null, frames: [], cause: null };
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return {
    name: error.name,
    code,
    message: error instanceof TrunklineError || isSystemError(error) ? error.message : null,
    ...(error instanceof TrunklineError && error.correlationId !== null
      ? { correlationId: error.correlationId }
      : {}),
    frames: framesOf(error),
    cause: error.cause === undefined || depth === 0 ? null : describeError(error.cause, depth - 1),
  };
}

/** An error in place of a foreign one that BullMQ may store: same name, code and frames, no foreign text. */
export function withoutForeignText(error: unknown): Error {
  if (error instanceof TrunklineError) return error;
  const { name, code, message, frames } = describeError(error);
  const safe = new Error(
    message ??
      `Unforeseen error ${name}${code === null ? '' : ` (${code})`}; the log has its place in the code.`,
  );
  safe.name = name;
  safe.stack = [`${safe.name}: ${safe.message}`, ...frames].join('\n');
  return safe;
}

function isSystemError(error: Error): boolean {
  return 'syscall' in error && typeof error.syscall === 'string';
}

function framesOf(error: Error): string[] {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8);
}
