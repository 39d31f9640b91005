import { z } from 'zod';
import { decimal, httpUrl, optionalSetting, secondsAsMs, setting, wholeNumber } from './setting.ts';

/** What every process has. */
export const processSettings = {
  deployment: setting({
    env: 'TRUNKLINE_PREFIX',
    schema: z.string().regex(/^[\w.-]{1,64}$/, 'must be 1-64 letters, digits, dots, dashes or underscores'),
    default: 'trunkline',
    summary: 'start of every Redis key; keeps deployments that share a Redis apart',
  }),
  logLevel: setting({
    env: 'LOG_LEVEL',
    schema: z.enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'must be one of fatal, error, warn, info, debug, trace, silent',
    ),
    default: 'info',
    summary: 'least level of log lines: fatal, error, warn, info, debug, trace or silent',
  }),
  httpHost: setting({
    env: 'HTTP_HOST',
    schema: z.string(),
    default: '127.0.0.1',
    summary: 'address on which a process answers /metrics, /livez and /readyz (containers: 0.0.0.0)',
  }),
  httpPort: setting({
    env: 'HTTP_PORT',
    schema: wholeNumber(0, 65_535),
    default: '0',
    summary: 'its port; 0 takes a free one, which the start line in the log names',
  }),
  shutdownDeadlineMs: setting({
    env: 'SHUTDOWN_DEADLINE_SECONDS',
    schema: secondsAsMs(1, 3_600),
    default: '25',
    summary: 'how long a process may take after SIGTERM to finish or return its jobs',
  }),
  traceEndpoint: optionalSetting({
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    schema: httpUrl,
    summary:
      'where traces of jobs across the queues go, by OTLP over HTTP, such as `http://collector:4318`; left out: none are made. Headers and the like by the usual OTEL_ variables',
  }),
  traceRatio: setting({
    env: 'OTEL_TRACES_SAMPLER_ARG',
    schema: decimal(0, 1),
    default: '1',
    summary: 'share of traces that are kept, 0 to 1',
  }),
} as const;
