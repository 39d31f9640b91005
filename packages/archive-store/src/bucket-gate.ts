import { type ErrorCode, TrunklineError } from '@trunkline/contracts';
import { allowsEverybody, enforcesTls } from './bucket-policy.ts';
import type { BucketSettings } from './bucket-settings.ts';

/** Why nothing may be written. */
export interface ShutReason {
  kind:
    | 'unencrypted'
    | 'public'
    | 'stored-unencrypted'
    | 'permission'
    | 'credentials'
    | 'missing'
    | 'overloaded'
    | 'unreachable'
    | 'other';
  /** What is wrong and what is to be done about it, in sentences. */
  message: string;
  code: ErrorCode;
}

export type BucketGateState =
  | { kind: 'unknown' }
  | {
      kind: 'open';
      encryption: string /** What is not as it should be, and does not shut the gate. */;
      warnings: string[];
    }
  | { kind: 'shut'; reason: ShutReason };

export interface BucketGateOptions {
  /** The bucket's name, for the messages. */
  bucket: string;
  /** How long a verdict counts (ms). */
  maxAgeMs: number;
  /** Clock that never goes back (ms). */
  now: () => number;
  /** Told of every change, warnings included. */
  onChange?: (state: BucketGateState) => void;
}

/** First wait after a failure that asking the bucket cannot see (ms); doubled with each in a row. */
const firstHoldMs = 1_000;

/** The codes that are no fault of the object at hand: everything waits, and no attempt is burned. */
const gateCodes: Partial<Record<ErrorCode, ShutReason['kind']>> = {
  S3_UNREACHABLE: 'unreachable',
  S3_OVERLOADED: 'overloaded',
  S3_PERMISSION_MISSING: 'permission',
  S3_CREDENTIALS_REJECTED: 'credentials',
  S3_BUCKET_MISSING: 'missing',
  S3_BUCKET_UNSAFE: 'other',
  S3_ENCRYPTION_MISMATCH: 'stored-unencrypted',
};

/**
 * May the bucket be written to? Its default encryption must be AES256 or aws:kms, and nothing in it may be public; a policy
 * that does not enforce TLS is a warning. A question that may not be asked counts as a bad answer.
 *
 * Two sources: the bucket's settings, asked at most every `maxAgeMs`; and the failures of requests (`failed`), which settings do
 * not show. After such a failure it stays shut for a while that doubles with each in a row (`maxAgeMs` at most), then lets work try
 * again; `succeeded` ends the row.
 */
export class BucketGate {
  readonly #settings: BucketSettings;
  readonly #options: BucketGateOptions;
  #state: BucketGateState = { kind: 'unknown' };
  #judgedAt = Number.NEGATIVE_INFINITY;
  #heldUntil = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #asking: Promise<void> | null = null;

  constructor(settings: BucketSettings, options: BucketGateOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  get state(): BucketGateState {
    return this.#state;
  }

  /** Whether the bucket may be written to. Asks it where the last verdict is too old; never throws. */
  async check(): Promise<boolean> {
    const now = this.#options.now();
    if (now < this.#heldUntil) return false;
    // A shut gate asks each time: whoever waits for it decides how often.
    if (this.#state.kind !== 'open' || now - this.#judgedAt >= this.#options.maxAgeMs) {
      this.#asking ??= this.#judge().finally(() => {
        this.#asking = null;
      });
      await this.#asking;
    }
    return this.#state.kind === 'open' && this.#options.now() >= this.#heldUntil;
  }

  /**
   * To be told of every error of a write.
   * @returns whether it shuts the gate: then the work waits, and is not at fault
   */
  failed(error: unknown): boolean {
    const kind = error instanceof TrunklineError ? gateCodes[error.code] : undefined;
    if (!(error instanceof TrunklineError) || kind === undefined) return false;
    const now = this.#options.now();
    // Requests that were under way together fail together: that is one failure.
    if (now >= this.#heldUntil) {
      this.#failures += 1;
      const hold = Math.min(firstHoldMs * 2 ** (this.#failures - 1), this.#options.maxAgeMs);
      this.#heldUntil = now + hold;
    }
    this.#set({ kind: 'shut', reason: { kind, message: error.message, code: error.code } });
    return true;
  }

  /** To be told when an object was stored. */
  succeeded(): void {
    this.#failures = 0;
  }

  async #judge(): Promise<void> {
    const askedAt = this.#options.now();
    let state: BucketGateState;
    try {
      state = await this.#ask();
    } catch (error) {
      state = { kind: 'shut', reason: reasonOf(error, this.#options.bucket) };
    }
    if (this.#options.now() < this.#heldUntil) return; // a write has failed meanwhile
    this.#judgedAt = askedAt;
    this.#set(state);
  }

  async #ask(): Promise<BucketGateState> {
    const { bucket } = this.#options;
    const settings = this.#settings;
    const encryption = await settings.encryption();
    if (encryption === null || !/^(AES256|aws:kms(:dsse)?)$/.test(encryption)) {
      return shut(
        'unencrypted',
        `The bucket ${bucket} has no default encryption. Set it to AES256 or aws:kms (\`aws s3api put-bucket-encryption\`); uploads wait and go on by themselves.`,
      );
    }
    const verdict = await settings.policyIsPublic();
    const policy = verdict === null ? null : await policyOrTrouble(settings);
    const isPublic = verdict === 'unknown' ? allowsEverybody(required(policy)) : verdict === true;
    const block = await settings.publicAccessBlock();
    if (isPublic || (block?.ignoresPublicAcls !== true && (await settings.aclIsPublic()))) {
      return shut(
        'public',
        `The bucket ${bucket} is open to everybody, by its ${isPublic ? 'policy' : 'access list'}. Take that out and turn on its public access block; uploads wait and go on by themselves.`,
      );
    }
    const warnings: string[] = [];
    if (block?.blocksEverything !== true) {
      warnings.push(`The public access block of the bucket ${bucket} is not wholly on: turn it on.`);
    }
    if (policy instanceof TrunklineError) {
      warnings.push(`Whether the bucket ${bucket} enforces TLS is not known. ${policy.remedy ?? ''}`.trim());
    } else if (!enforcesTls(policy)) {
      warnings.push(
        `No policy of the bucket ${bucket} enforces TLS: deny s3:* where aws:SecureTransport is false.`,
      );
    }
    return { kind: 'open', encryption, warnings };
  }

  #set(state: BucketGateState): void {
    const before = this.#state;
    this.#state = state;
    if (JSON.stringify(before) !== JSON.stringify(state)) this.#options.onChange?.(state);
  }
}

function reasonOf(error: unknown, bucket: string): ShutReason {
  if (error instanceof TrunklineError) {
    return { kind: gateCodes[error.code] ?? 'other', message: error.message, code: error.code };
  }
  const name = error instanceof Error ? error.name : 'unknown';
  return {
    kind: 'other',
    message: `The settings of the bucket ${bucket} cannot be read (${name}): look whether it answers as S3 does.`,
    code: 'S3_BUCKET_UNSAFE',
  };
}

function shut(kind: ShutReason['kind'], message: string): BucketGateState {
  return { kind: 'shut', reason: { kind, message, code: 'S3_BUCKET_UNSAFE' } };
}

/** The policy is asked for its TLS rule, which only warns: not being allowed to is a warning too. */
async function policyOrTrouble(settings: BucketSettings): Promise<string | null | TrunklineError> {
  try {
    return await settings.policy();
  } catch (error) {
    if (error instanceof TrunklineError && error.code === 'S3_PERMISSION_MISSING') return error;
    throw error;
  }
}

function required(policy: string | null | TrunklineError): string | null {
  if (policy instanceof TrunklineError) throw policy;
  return policy;
}
