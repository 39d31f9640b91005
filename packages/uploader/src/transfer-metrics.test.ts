import { describe, expect, test } from 'vitest';
import { monthlyCostUsd } from './storage-prices.ts';
import { transferMetrics } from './transfer-metrics.ts';

const gib = 1024 ** 3;

describe('the figures of a window', () => {
  test('are of the bytes stored, with the source beside them', () => {
    const stored = [
      { bytes: gib, storageClass: 'STANDARD_IA' },
      { bytes: gib, storageClass: 'STANDARD_IA' },
    ];
    expect(transferMetrics(stored, 64_000, 5 * gib)).toEqual({
      bytes_transferred: 2 * gib,
      duration_seconds: 64,
      throughput_mbps: 32,
      estimated_cost_usd: 0.025,
      sourceBytes: 5 * gib,
    });
  });

  test('of a window without conversations are zero', () => {
    expect(transferMetrics([], 0, 2)).toMatchObject({
      bytes_transferred: 0,
      throughput_mbps: 0,
      estimated_cost_usd: 0,
    });
  });

  test.each([
    ['STANDARD', 0.023],
    ['STANDARD_IA', 0.0125],
    ['GLACIER', 0.0036],
    ['DEEP_ARCHIVE', 0.00099],
    ['SOMETHING_NEW', 0.023],
  ])('a GiB in %s costs USD %f a month', (storageClass, usd) => {
    expect(monthlyCostUsd(gib, storageClass)).toBe(usd);
  });
});
