import type { Heartbeat } from '@trunkline/contracts';

/**
 * The bucket gate as the uploaders tell it: shut where one of them holds it shut. `null` where no uploader is alive or none
 * has asked yet.
 */
export function bucketGate(
  processes: readonly Heartbeat[],
): { isOpen: boolean; reason: string | null } | null {
  const uploaders = processes.filter(
    ({ service, facts }) => service === 'uploader' && typeof facts['gate'] === 'string',
  );
  if (uploaders.length === 0) return null;
  const shut = uploaders.find(({ facts }) => facts['gate'] !== 'open');
  if (shut === undefined) return { isOpen: true, reason: null };
  const reason = shut.problems.find((problem) => /bucket/i.test(problem)) ?? null;
  return { isOpen: false, reason };
}
