import type { Heartbeat } from '@trunkline/contracts';

export interface BucketGate {
  readonly isOpen: boolean;
  /** Why it is shut, or what is not as it should be; `null`: nothing is to be said. */
  readonly remark: string | null;
}

/**
 * The bucket gate as the uploaders tell it in their fact `gate`: `open`, `open (...)`, `shut (...)`. Shut where one of them holds
 * it shut. `null` where no uploader is alive, or none has asked yet.
 */
export function bucketGate(processes: readonly Heartbeat[]): BucketGate | null {
  const told = processes
    .filter(({ service }) => service === 'uploader')
    .map(({ facts, problems }) => ({ word: String(facts['gate'] ?? ''), problems }))
    .filter(({ word }) => /^(open|shut)\b/.test(word));
  const shut = told.find(({ word }) => word.startsWith('shut'));
  if (shut !== undefined) {
    return { isOpen: false, remark: shut.problems.find((problem) => problem.startsWith('bucket: ')) ?? null };
  }
  const remarks = told.map(({ word }) => /^open \((.+)\)$/.exec(word)?.[1]);
  return told.length === 0
    ? null
    : { isOpen: true, remark: remarks.find((remark) => remark !== undefined) ?? null };
}
