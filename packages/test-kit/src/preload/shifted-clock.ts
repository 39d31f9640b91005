/**
 * Loaded into a process before its own code (`--import`): the clock of its host is off by TEST_CLOCK_SHIFT_SECONDS. What
 * measures durations (`performance`, timers) is not, as on a host whose clock is wrong.
 */
const shiftMs = Number(process.env['TEST_CLOCK_SHIFT_SECONDS'] ?? 0) * 1_000;
const HostDate = Date;
const now = (): number => HostDate.now() + shiftMs;

globalThis.Date = new Proxy(HostDate, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as object,
  apply: (target) => new target(now()).toString(),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
});
