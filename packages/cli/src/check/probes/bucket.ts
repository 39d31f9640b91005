import {
  Bucket,
  BucketGate,
  bucketSettings,
  type EncryptionChoice,
  openS3,
  reachBucket,
  tryObject,
} from '@trunkline/archive-store';
import type { s3Settings, Values } from '@trunkline/service';
import { clockSkew } from '../clock-skew.ts';
import { look, type Outcome, ok, type Probe } from '../probe.ts';
import { inSentences } from '../run-probes.ts';

export function bucketProbes(
  settings: Values<typeof s3Settings>,
  encryption: EncryptionChoice,
  opened: AsyncDisposableStack,
  now: () => number,
  needs: readonly string[],
): Probe[] {
  const client = opened.adopt(openS3(settings), (s3) => s3.destroy());
  const bucket = new Bucket(client, settings, encryption);
  let clock: { theirs: number | null; ours: number } | null = null;
  return [
    {
      name: 'bucket',
      needs,
      attempt: async (signal) => {
        const date = await reachBucket(bucket, signal);
        clock = { theirs: date?.getTime() ?? null, ours: now() };
        return ok(bucket.name);
      },
    },
    { name: 'bucket rules', needs: ['bucket'], attempt: () => rules(bucket) },
    {
      name: 'bucket objects',
      needs: ['bucket'],
      attempt: async (signal) => {
        const { encryption, versionStays } = await tryObject(bucket, signal);
        const stays = versionStays
          ? '; its version stays, because s3:ListBucketVersions or s3:DeleteObjectVersion is not granted, or a lock keeps it'
          : '';
        return ok(`stored, read and deleted one; encryption ${encryption}${stays}`);
      },
    },
    {
      name: 'bucket clock',
      needs: ['bucket'],
      attempt: async () => clockSkew(clock?.theirs ?? null, clock?.ours ?? 0, 'S3'),
    },
  ];
}

/** The gate's own judgement, so that nothing is let through here that shuts it later. */
async function rules(bucket: Bucket): Promise<Outcome> {
  const gate = new BucketGate(bucketSettings(bucket), {
    bucket: bucket.name,
    maxAgeMs: 0,
    now: () => performance.now(),
  });
  await gate.check();
  const { state } = gate;
  switch (state.kind) {
    case 'open': {
      if (state.warnings.length === 0) return ok(`encryption ${state.encryption}, not public`);
      return look(
        `encryption ${state.encryption}, not public; but: ${state.warnings.map((warning) => warning.replace(/:.*$/, '')).join('; ')}`,
        state.warnings.map((warning) => /: (.*)$/.exec(warning)?.[1] ?? warning).join(' '),
      );
    }
    case 'shut':
      return inSentences(state.reason.message);
    case 'unknown':
      throw new Error('the gate has judged nothing');
    default:
      return state satisfies never;
  }
}
