import { setTimeout as sleep } from 'node:timers/promises';
import type { ArchiveSystem, Contract, Interference } from '@trunkline/test-kit';
import { isUpload, s3Error } from '../archive-s3-faults.ts';
import { type ChaosFault, freezeFault, genesysFault, killFault, networkFaults } from './faults.ts';

function uploadFault(name: string, then: Interference): ChaosFault<ArchiveSystem> {
  return {
    name: `upload: ${name}`,
    strike: async (system, random) => {
      system.faults.s3Http.intercept(isUpload, then, random.between(1, 4));
    },
  };
}

/** Any request to S3, the stage's and the manifests' too. */
function s3Fault(name: string, then: Interference): ChaosFault<ArchiveSystem> {
  return {
    name: `S3: ${name}`,
    strike: async (system, random) => {
      const fault = system.faults.s3Http.intercept(() => true, then);
      await sleep(random.between(200, 2_000));
      fault.stop();
    },
  };
}

const flushed: ChaosFault<ArchiveSystem> = {
  name: 'redis: emptied',
  strike: (system) => system.emptyRedis(),
};

/** What Genesys does wrong under each contract. */
const genesysFaults: Record<Contract, ChaosFault<ArchiveSystem>[]> = {
  guide: [
    genesysFault({ kind: 'rate-limit', match: 'archives', retryAfterSeconds: 1 }),
    genesysFault({ kind: 'status', match: 'archives', status: 503 }),
    genesysFault({ kind: 'unauthorized', match: 'archives' }),
    genesysFault({ kind: 'reset-mid-body', match: 'archives' }),
    genesysFault({ kind: 'truncate', match: 'archives' }),
    genesysFault({ kind: 'range-ignored' }),
    genesysFault({ kind: 'new-etag' }),
    genesysFault({ kind: 'wrong-digest', times: 1 }),
    genesysFault({ kind: 'other-bytes', times: 1 }),
    genesysFault({ kind: 'broken-json', times: 1 }),
  ],
  platform: [
    genesysFault({ kind: 'rate-limit', match: 'conversations', retryAfterSeconds: 1 }),
    genesysFault({ kind: 'status', match: 'conversations', status: 503 }),
    genesysFault({ kind: 'unauthorized', match: 'conversations' }),
    genesysFault({ kind: 'reset-mid-body', match: 'conversations' }),
    genesysFault({ kind: 'truncate', match: 'conversations' }),
    genesysFault({ kind: 'html-200', match: 'conversations' }),
    genesysFault({ kind: 'range-ignored', match: 'conversations-download' }),
    genesysFault({ kind: 'new-etag', match: 'conversations-download' }),
    genesysFault({ kind: 'link-expired' }),
    genesysFault({ kind: 'transcript-pending' }),
    genesysFault({ kind: 'job-failed', times: 1 }),
    genesysFault({ kind: 'job-expired', times: 1 }),
    genesysFault({ kind: 'job-lost', times: 1 }),
  ],
};

const commonFaults: ChaosFault<ArchiveSystem>[] = [
  killFault('fetcher'),
  killFault('redactor'),
  killFault('uploader'),
  freezeFault('fetcher'),
  freezeFault('redactor'),
  freezeFault('uploader'),
  flushed,
  ...networkFaults('redis'),
  ...networkFaults('s3'),
  ...networkFaults('genesys'),
  ...networkFaults('elasticsearch'),
  ...networkFaults('eventBridge'),
  genesysFault({ kind: 'status', match: 'event-bridge', status: 500 }),
  uploadFault('503', s3Error(503, 'SlowDown')),
  uploadFault('403', s3Error(403, 'AccessDenied')),
  uploadFault('reply cut', { kind: 'cut-reply', afterBytes: 10 }),
  uploadFault('reply lost', { kind: 'lose-reply' }),
  s3Fault('503', s3Error(503, 'SlowDown')),
  s3Fault('credentials expired', s3Error(400, 'ExpiredToken')),
];

/** Every fault of which two may strike at a time. */
export function archiveChaosFaults(contract: Contract): ChaosFault<ArchiveSystem>[] {
  return [...commonFaults, ...genesysFaults[contract]];
}
