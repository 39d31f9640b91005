import { z } from 'zod';

/** Id of an organisation of ORGANISATIONS_FILE: part of the ids of streams and windows, and of names of indices and objects. */
export const organisationId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_]{0,31}$/, 'must be 1-32 lower-case letters, digits or underscores');

/**
 * The organisation that a stream is of, where a deployment has several: its own stream is called as it is, others of it
 * `<organisation>.<what>`.
 */
export function organisationOfStream(stream: string): string {
  return stream.split('.', 1)[0] ?? stream;
}
