/** Figures as people read them, on pages and in terminals. Pure. */
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const money = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const tenths = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** 1,234,567 */
export function count(value: number): string {
  return whole.format(value);
}

/** 12.5; whole from 100 on. */
export function rate(value: number): string {
  return (value >= 100 ? whole : tenths).format(value);
}

/** 812 B, 1.4 KB, 27.3 MB, 1.2 GB: thousands, as storage is sold. */
export function bytes(value: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let unit = 0;
  let left = value;
  // Up to what would be shown as 1,000.
  while (left >= 999.95 && unit < units.length - 1) {
    left /= 1_000;
    unit += 1;
  }
  return `${(unit === 0 ? whole : tenths).format(left)} ${units[unit]}`;
}

/** $12.50; below a cent `under $0.01`, never $0.00 for what costs something. */
export function dollars(value: number): string {
  return value > 0 && value < 0.01 ? 'under $0.01' : money.format(value);
}

/** 40 ms, 12 s, 3 min, 5 h, 2 d: one unit, for one look. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
