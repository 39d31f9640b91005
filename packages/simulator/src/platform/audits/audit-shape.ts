/**
 * The shapes in which the platform serves an event: by realtime and by history, each with `expand=user` and without; in a
 * downloaded file; in an EventBridge envelope.
 */
export const PLATFORM_SHAPES = [
  'realtime',
  'realtime-plain',
  'history',
  'history-plain',
  'download',
  'event-bridge',
] as const;

export type PlatformShape = (typeof PLATFORM_SHAPES)[number];

/** All shapes there are; `guide`: as the guide's event stream serves it. */
export const AUDIT_SHAPES = ['guide', ...PLATFORM_SHAPES] as const;

export type AuditShape = (typeof AUDIT_SHAPES)[number];
