import { CONTEXT, type Confidence, SHAPE } from '../types.ts';
import { OTHER_CUE, PHONE_CUE, SSN_CUE } from '../words/word-flags.ts';
import {
  type Candidate,
  isGroupedAt,
  isIsolated,
  isQuantity,
  isSetApart,
  isTied,
  opensUpToBreak,
} from './candidate.ts';

/**
 * US social security numbers.
 *
 * In 3-2-4 with any separator they are taken by shape when the Social Security Administration could have issued
 * them (area not 000, 666 or 900-999 except taxpayer numbers, group not 00, serial not 0000), unless an order, a
 * part or the like is named directly before. Nine digits grouped otherwise, or bare, only where a social security
 * number is named or was asked for; then the issuing rules do not matter, since people mistype.
 */
export function ssnAt(candidate: Candidate): { canonical: string; confidence: Confidence } | null {
  const { digits, cue } = candidate;
  if (digits.length !== 9) return null;
  if ((cue.kind & SSN_CUE) !== 0) {
    return isIsolated(candidate) || opensUpToBreak(candidate) || isGroupedAt(candidate, [3, 5])
      ? { canonical: digits, confidence: CONTEXT }
      : null;
  }
  if (!isGroupedAt(candidate, [3, 5]) || !isIssued(digits) || isTied(candidate) || isQuantity(candidate))
    return null;
  if (!isSetApart(candidate)) return null;
  if ((cue.kind & OTHER_CUE) !== 0 && cue.source !== 'right' && cue.distance <= 2) return null;
  if ((cue.kind & PHONE_CUE) !== 0 && candidate.context.region !== 'US') return null;
  return { canonical: digits, confidence: SHAPE };
}

/** Whether the number can have been issued, as social security or individual taxpayer number (SSA, IRS). */
function isIssued(digits: string): boolean {
  const area = digits.slice(0, 3);
  const group = digits.slice(3, 5);
  if (area === '000' || area === '666' || group === '00' || digits.endsWith('0000')) return false;
  if (area < '900') return true;
  const taxpayer = Number(group);
  return (
    (taxpayer >= 50 && taxpayer <= 65) ||
    (taxpayer >= 70 && taxpayer <= 88) ||
    (taxpayer >= 90 && taxpayer <= 92) ||
    taxpayer >= 94
  );
}
