export { loadRedactorSettings, type RedactorConfig, redactorSettings } from './config.ts';
export { runRedactor } from './redactor.ts';
