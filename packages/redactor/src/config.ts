import { availableParallelism } from 'node:os';
import { type CustomPattern, RedactionError } from '@trunkline/redaction';
import {
  type CrossCheck,
  loadSettings,
  optionalSetting,
  organisationsSettings,
  payloadSettings,
  processSettings,
  queueWorkerSettings,
  redisSettings,
  s3Settings,
  secondsAsMs,
  setting,
  stageSettings,
  tokenFormSettings,
  tokenSettings,
  type Values,
  wholeNumber,
} from '@trunkline/service';
import { z } from 'zod';
import { type EngineSettings, engineOf } from './engine-settings.ts';

const patternSchema = z.strictObject({
  type: z.string(),
  expression: z.string(),
  ignoreCase: z.boolean().exactOptional(),
  canonical: z.enum(['exact', 'lower-case', 'letters-and-digits']).exactOptional(),
  examples: z.strictObject({ positive: z.array(z.string()), negative: z.array(z.string()) }),
}) satisfies z.ZodType<CustomPattern>;

const patterns: z.ZodType<readonly CustomPattern[]> = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('must be JSON');
      return z.NEVER;
    }
  })
  .pipe(z.array(patternSchema, 'must be a list of {type, expression, examples: {positive, negative}}'));

/** How conversations are redacted. */
const redactionSettings = {
  ...tokenFormSettings,
  profile: setting({
    env: 'REDACTION_PROFILE',
    schema: z.enum(['standard', 'extended'], 'must be standard or extended'),
    default: 'standard',
    summary:
      'what is redacted: standard (PHONE, EMAIL, SSN, CARD, IBAN) or extended (IP, DOB, PASSPORT, LICENCE, ACCOUNT too)',
  }),
  patterns: setting({
    env: 'REDACTION_PATTERNS',
    schema: patterns,
    default: '[]',
    summary:
      'patterns of your own, as JSON: a list of {type, expression (RE2), examples: {positive, negative}, ignoreCase, canonical}',
  }),
  threads: optionalSetting({
    env: 'REDACTOR_THREADS',
    schema: wholeNumber(1, 256),
    summary: 'threads that redact; by default one less than the processors, at least one',
  }),
  timeLimitMs: setting({
    env: 'REDACTOR_TIME_LIMIT_SECONDS',
    schema: secondsAsMs(1, 3_600),
    default: '120',
    summary:
      'how long a thread may take for one conversation before it is ended and the conversation set aside',
  }),
} as const;

/** Only a stage in a bucket needs a region. */
const stageBucketSettings = {
  region: optionalSetting(s3Settings.region),
  endpoint: s3Settings.endpoint,
  forcePathStyle: s3Settings.forcePathStyle,
} as const;

export const redactorSettings = {
  process: processSettings,
  organisations: organisationsSettings,
  redis: redisSettings,
  payload: payloadSettings,
  stage: stageSettings,
  stageBucket: stageBucketSettings,
  worker: queueWorkerSettings,
  tokens: tokenSettings,
  redaction: redactionSettings,
} as const;

export type RedactorConfig = Values<typeof redactorSettings>;

/** @throws TrunklineError CONFIG_INVALID */
export function loadRedactorSettings(env: NodeJS.ProcessEnv): RedactorConfig {
  return loadSettings(redactorSettings, env, checkRedactorSettings);
}

/** Rules over several of the redactor's settings. */
const checkRedactorSettings: CrossCheck<typeof redactorSettings> = ({
  worker,
  stage,
  stageBucket,
  redaction,
}) => {
  const problems: string[] = [];
  if (worker?.lockDurationMs !== undefined && worker.stalledIntervalMs > worker.lockDurationMs) {
    problems.push('WORKER_STALLED_INTERVAL_SECONDS must not be longer than WORKER_LOCK_SECONDS');
  }
  if (stage?.url?.startsWith('s3:') === true && stageBucket?.region === null) {
    problems.push(`AWS_REGION is missing: STAGE_URL names a bucket`);
  }
  if (redaction?.patterns !== undefined) {
    // A key of its own: what is wrong with the patterns is told also where the key is missing.
    const problem = engineProblem(
      engineSettings({
        tokens: { key: Buffer.alloc(32), keyId: null },
        redaction: { ...redaction, hexLength: 16 },
      }),
    );
    if (problem !== null) problems.push(`REDACTION_PATTERNS: ${problem}`);
  }
  if (redaction?.mode === 'guide' && (redaction.patterns?.length ?? 0) > 0) {
    problems.push('REDACTION_PATTERNS has no effect with REDACTION_MODE=guide: leave one of them out');
  }
  if (redaction?.mode === 'guide' && redaction.profile === 'extended') {
    problems.push(
      'REDACTION_PROFILE=extended has no effect with REDACTION_MODE=guide: leave one of them out',
    );
  }
  return problems;
};

export function engineSettings({
  tokens,
  redaction,
}: {
  tokens: RedactorConfig['tokens'];
  redaction: Omit<RedactorConfig['redaction'], 'threads' | 'timeLimitMs'>;
}): EngineSettings {
  const { mode, profile, region, hexLength, patterns: own } = redaction;
  return {
    key: new Uint8Array(tokens.key),
    keyId: tokens.keyId,
    hexLength,
    mode,
    profile,
    region,
    patterns: own,
  };
}

/** @param threads REDACTOR_THREADS */
export function threadCount(threads: number | null, processors: number = availableParallelism()): number {
  return threads ?? Math.max(1, processors - 1);
}

function engineProblem(settings: EngineSettings): string | null {
  try {
    engineOf(settings);
    return null;
  } catch (error) {
    if (error instanceof RedactionError) return error.message;
    throw error;
  }
}
