import { TrunklineError } from '@trunkline/contracts';

/** What a command's exit code says; the README's table lists them. */
export const exitCodes = {
  /** All well. */
  ok: 0,
  /** The command ran to its end and found what a person has to look at. */
  findings: 1,
  /** It could not be completed: something was away, or a part cannot be checked. */
  incomplete: 2,
  /** Wrong arguments (EX_USAGE of sysexits.h). */
  usage: 64,
  /** Wrong configuration, credentials or permissions (EX_CONFIG). */
  configuration: 78,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Arguments that a command cannot work with; its message names the argument. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The exit code that an error means. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof TrunklineError && error.kind === 'configuration') return exitCodes.configuration;
  return exitCodes.incomplete;
}
