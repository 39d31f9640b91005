import { hostname } from 'node:os';
import pino, { type DestinationStream, type Logger } from 'pino';
import { describeError } from './describe-error.ts';

export type { Logger } from 'pino';

/** Field names whose values never reach a log, at the top of a line or one level down. */
const secretFields = [
  'password',
  'secret',
  'token',
  'authorization',
  'apiKey',
  'clientSecret',
  'cookie',
  'payload',
  'body',
];

/**
 * JSON lines on stdout: one event a fact, named in `event`; the sentence in `msg` is for people. Errors are told by
 * name, code and frames, foreign text left out (`describeError`).
 */
export function createLogger(
  options: { service: string; instance: string; level: string },
  destination?: DestinationStream,
): Logger {
  return pino(
    {
      level: options.level,
      base: { service: options.service, instance: options.instance, host: hostname() },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`]), censor: '***' },
      serializers: { err: (error: unknown) => describeError(error) },
    },
    destination ?? pino.destination({ dest: 1, sync: false }),
  );
}
