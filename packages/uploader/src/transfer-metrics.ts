import type { Manifest } from '@trunkline/archive-store';
import { monthlyCostUsd } from './storage-prices.ts';

const mib = 1024 ** 2;

/**
 * The figures of a window, pure.
 * @param stored what was stored of it, each with its storage class
 * @param uploadMs sum of the times that its uploads took: where several ran side by side that is longer than the clock's
 */
export function transferMetrics(
  stored: readonly { bytes: number; storageClass: string }[],
  uploadMs: number,
  sourceBytes: number,
): Manifest['metrics'] {
  const bytes = stored.reduce((sum, object) => sum + object.bytes, 0);
  const seconds = uploadMs / 1_000;
  return {
    bytes_transferred: bytes,
    duration_seconds: seconds,
    throughput_mbps: seconds === 0 ? 0 : Math.round((bytes / mib / seconds) * 1_000) / 1_000,
    estimated_cost_usd: stored.reduce(
      (sum, object) => sum + monthlyCostUsd(object.bytes, object.storageClass),
      0,
    ),
    sourceBytes,
  };
}
