export type { CustomPattern } from './detectors/custom-pattern.ts';
export {
  type DocumentPolicy,
  GENESYS_POLICY,
  type PolicyAction,
  type PolicyRule,
} from './document/policy.ts';
export {
  type DocumentOptions,
  type DocumentRedaction,
  redactDocument,
  redactValue,
} from './document/redact-document.ts';
export { RedactionError, type RedactionErrorCode } from './redaction-error.ts';
export {
  type ConversationRedaction,
  createRedactor,
  type OutputSpan,
  type Redaction,
  type RedactOptions,
  type Redactor,
  type RedactorSettings,
  type TuningEntry,
} from './redactor.ts';
export type { Phrase } from './text/conversation.ts';
export type { TokenSettings } from './tokens/tokenizer.ts';
export { type EntityType, EXTENDED_TYPES, STANDARD_TYPES } from './types.ts';
export { ENGINE_VERSION } from './version.ts';
