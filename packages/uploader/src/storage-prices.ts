/**
 * USD per GiB and month of what lies in S3, by storage class: AWS' public list price for US East (N. Virginia), first 50 TB a month
 * where it goes by amount, as published on https://aws.amazon.com/s3/pricing/ in November 2025. Requests, retrievals and least sizes
 * and times are not in it: it is an estimate to compare windows by.
 */
const usdPerGibMonth: Readonly<Record<string, number>> = {
  STANDARD: 0.023,
  REDUCED_REDUNDANCY: 0.024,
  STANDARD_IA: 0.0125,
  ONEZONE_IA: 0.01,
  // Of its tier for frequent access, where an object begins.
  INTELLIGENT_TIERING: 0.023,
  GLACIER_IR: 0.004,
  GLACIER: 0.0036,
  DEEP_ARCHIVE: 0.00099,
  EXPRESS_ONEZONE: 0.11,
};

const gib = 1024 ** 3;

/** @returns USD a month; a class that the table does not know counts as STANDARD, the estimate is then too high rather than too low */
export function monthlyCostUsd(bytes: number, storageClass: string): number {
  const price = usdPerGibMonth[storageClass] ?? usdPerGibMonth['STANDARD'] ?? 0;
  // To a billionth: beyond it there is only the noise of binary fractions.
  return Math.round((bytes / gib) * price * 1e9) / 1e9;
}
