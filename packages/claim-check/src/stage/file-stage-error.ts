import { TrunklineError } from '@trunkline/contracts';

/** Of an error of the file system: `ENOSPC`, `EACCES` ...; `null` for any other. */
export function fileErrorCode(error: unknown): string | null {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : null;
}

/** Turns what the file system says of the stage's folder into our errors; what is no such error stays as it is. */
export function fileStageError(error: unknown): unknown {
  const code = fileErrorCode(error);
  if (code === null || error instanceof TrunklineError) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new TrunklineError('STAGE_FULL', {
      message: `The stage's disk is full (${code}).`,
      remedy: 'Make room below STAGE_URL; work goes on by itself.',
      cause: error,
    });
  }
  return new TrunklineError('STAGE_UNREACHABLE', {
    message: `The stage's folder cannot be used (${code}).`,
    remedy:
      code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
        ? 'See that this process may write below STAGE_URL, and that its file system knows hard links.'
        : 'See that the folder of STAGE_URL is there; work goes on by itself.',
    cause: error,
  });
}
