import { createHmac } from 'node:crypto';
import {
  type CustomPattern,
  createRedactor,
  ENGINE_VERSION,
  EXTENDED_TYPES,
  GENESYS_POLICY,
  type Redactor,
} from '@trunkline/redaction';

/** All that decides what redaction makes of a conversation. Goes to the threads as it is, by structured clone. */
export interface EngineSettings {
  readonly key: Uint8Array;
  readonly keyId: string | null;
  readonly hexLength: number;
  readonly mode: 'canonical' | 'guide';
  readonly profile: 'standard' | 'extended';
  readonly region: string;
  readonly patterns: readonly CustomPattern[];
}

/** @throws RedactionError, which says what is wrong with the settings */
export function engineOf(settings: EngineSettings): Redactor {
  const { key, keyId, hexLength, mode, profile, region, patterns } = settings;
  return createRedactor({
    tokens: { key, hexLength, ...(keyId === null ? {} : { keyId }) },
    mode,
    profile,
    region,
    patterns,
  });
}

/**
 * Names what an outcome depends on beside its source: the engine's version, the key and every setting. Outcomes of the same
 * fingerprint are the same; the key does not follow from it.
 */
export function engineFingerprint(settings: EngineSettings, engineVersion: string = ENGINE_VERSION): string {
  const { keyId, hexLength, mode, profile, region, patterns } = settings;
  const text = JSON.stringify([engineVersion, keyId, hexLength, mode, profile, region, patterns]);
  return createHmac('sha256', settings.key).update(`trunkline redaction ${text}`).digest('hex').slice(0, 12);
}

/** An expression that finds every token which this engine can have written into a document, and no longer text. */
export function tokenExpression(settings: EngineSettings): RegExp {
  const ofPolicy = GENESYS_POLICY.flatMap(({ type }) => (type === undefined ? [] : [type]));
  const types = new Set([...EXTENDED_TYPES, ...ofPolicy, ...settings.patterns.map(({ type }) => type)]);
  const infix = settings.keyId === null ? '' : `${settings.keyId}\\.`;
  // Longer names first: of `A` and `A_B` both may end where the dash stands. What stands before may be an escape's last letter.
  const names = [...types].sort((a, b) => b.length - a.length).join('|');
  return new RegExp(`(?:${names})-${infix}[0-9a-f]{${settings.hexLength}}`, 'g');
}
