/**
 * The closed list of error codes and what each kind means for the worker that meets it.
 *
 * - `retriable`: may succeed when tried again without anybody doing anything.
 * - `permanent`: the same input will fail the same way; trying again only costs.
 * - `configuration`: a person has to grant, set or mend something; the process stays up and probes.
 */
export type ErrorKind = 'retriable' | 'permanent' | 'configuration';

export const errorKinds = {
  CONFIG_INVALID: 'configuration',
  ORGANISATION_UNKNOWN: 'configuration',

  GENESYS_UNREACHABLE: 'retriable',
  GENESYS_SERVER_ERROR: 'retriable',
  GENESYS_RATE_LIMITED: 'retriable',
  GENESYS_REPLY_UNREADABLE: 'retriable',
  GENESYS_CURSOR_EXPIRED: 'retriable',
  GENESYS_REQUEST_REFUSED: 'configuration',
  GENESYS_CREDENTIALS_REJECTED: 'configuration',
  GENESYS_PERMISSION_MISSING: 'configuration',
  GENESYS_LINK_EXPIRED: 'retriable',
  GENESYS_DOWNLOAD_HOST_FORBIDDEN: 'configuration',

  REDIS_SETTING_UNSAFE: 'configuration',
  REDIS_FULL: 'retriable',
  REDIS_UNREACHABLE: 'retriable',

  PAYLOAD_MISSING: 'permanent',
  PAYLOAD_UNREADABLE: 'permanent',
  PAYLOAD_KEY_UNKNOWN: 'configuration',
  JOB_INVALID: 'permanent',

  ELASTICSEARCH_UNREACHABLE: 'retriable',
  ELASTICSEARCH_OVERLOADED: 'retriable',
  ELASTICSEARCH_WRITE_BLOCKED: 'retriable',
  ELASTICSEARCH_REPLY_UNREADABLE: 'retriable',
  ELASTICSEARCH_REQUEST_TOO_LARGE: 'retriable',
  ELASTICSEARCH_PERMISSION_MISSING: 'configuration',
  ELASTICSEARCH_SETUP_REFUSED: 'configuration',
  ELASTICSEARCH_NEVER_GREEN: 'configuration',

  AUDIT_EVENT_MALFORMED: 'permanent',
  AUDIT_EVENT_REFUSED: 'permanent',
  AUDIT_EVENT_TOO_LARGE: 'permanent',
  AUDIT_EVENT_KILLS_WORKER: 'permanent',
  AUDIT_ID_CONFLICT: 'permanent',
  DEAD_LETTER_AWAITS_PERSON: 'permanent',
  DEAD_LETTER_MISSING: 'permanent',

  STAGE_UNREACHABLE: 'retriable',
  STAGE_FULL: 'retriable',
  STAGE_BLOB_MISSING: 'permanent',
  STAGE_BLOB_UNREADABLE: 'permanent',

  ARCHIVE_NOT_READY: 'retriable',
  ARCHIVE_TEXT_NOT_READY: 'retriable',
  ARCHIVE_PAGES_EXPIRED: 'retriable',
  ARCHIVE_DOWNLOAD_INTERRUPTED: 'retriable',
  ARCHIVE_SOURCE_CHANGED: 'retriable',
  ARCHIVE_DIGEST_MISMATCH: 'permanent',
  ARCHIVE_LENGTH_MISMATCH: 'retriable',
  ARCHIVE_NOT_JSON: 'permanent',
  ARCHIVE_CONVERSATION_MALFORMED: 'permanent',
  ARCHIVE_CONVERSATION_UNREDACTABLE: 'permanent',
  ARCHIVE_WINDOW_CONFLICT: 'permanent',
  ARCHIVE_MANIFEST_MISSING: 'permanent',
  ARCHIVE_MANIFEST_UNREADABLE: 'permanent',
  ARCHIVE_OBJECT_ALTERED: 'permanent',
  ARCHIVE_OBJECT_LOCKED: 'permanent',

  S3_UNREACHABLE: 'retriable',
  S3_OVERLOADED: 'retriable',
  S3_PERMISSION_MISSING: 'configuration',
  S3_CREDENTIALS_REJECTED: 'configuration',
  S3_BUCKET_MISSING: 'configuration',
  S3_BUCKET_UNSAFE: 'configuration',
  S3_CHECKSUM_MISMATCH: 'retriable',
  S3_ENCRYPTION_MISMATCH: 'configuration',
  S3_REQUEST_REFUSED: 'permanent',

  COMPLIANCE_CHAIN_BROKEN: 'permanent',

  WEBHOOK_REFUSED: 'retriable',
  WEBHOOK_UNREACHABLE: 'retriable',
  WEBHOOK_GONE: 'configuration',
  WEBHOOK_ADDRESS_FORBIDDEN: 'configuration',

  LEASE_LOST: 'retriable',
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

export interface ErrorDetails {
  /** What happened, with ids and numbers only: never a payload, a secret or personal data. */
  message: string;
  /** What the operator does next. */
  remedy?: string;
  /** By which the other side finds the request in its own logs. */
  correlationId?: string | null;
  cause?: unknown;
}

/**
 * An error whose code decides what is done about it.
 *
 * Foreign errors are turned into this once, in the adapter that meets them, with `cause` kept. The text of `cause` may
 * hold anything: loggers print its name and code only.
 */
export class TrunklineError extends Error {
  override readonly name = 'TrunklineError';
  readonly code: ErrorCode;
  readonly remedy: string | null;
  /** By which the other side finds the request in its own logs; set by the adapter that has read it. */
  correlationId: string | null;

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(
      details.remedy === undefined ? details.message : `${details.message} ${details.remedy}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.remedy = details.remedy ?? null;
    this.correlationId = details.correlationId ?? null;
  }

  get kind(): ErrorKind {
    return errorKinds[this.code];
  }
}

/** The code of an error, or `null` where it is not one of ours (an unforeseen error). */
export function errorCodeOf(error: unknown): ErrorCode | null {
  return error instanceof TrunklineError ? error.code : null;
}
