/** Codes of what can be wrong with a redactor's settings or input. */
export type RedactionErrorCode =
  | 'TOKEN_KEY_TOO_SHORT'
  | 'TOKEN_SETTINGS_INVALID'
  | 'PATTERN_INVALID'
  | 'PATTERN_EXAMPLE_FAILED'
  | 'POLICY_INVALID'
  | 'DOCUMENT_NOT_JSON'
  | 'VALUE_NOT_RECOGNISED';

/** An error of this package. Messages never hold a value that was to be redacted. */
export class RedactionError extends Error {
  override readonly name = 'RedactionError';
  readonly code: RedactionErrorCode;

  constructor(code: RedactionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
