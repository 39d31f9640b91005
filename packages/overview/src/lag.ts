import type { Picture } from './picture.ts';

/** The longest lag of the streams that follow their source, in seconds; `null` where it is not known of all of them. */
export function longestLagSeconds({ streams }: Pick<Picture, 'streams'>): number | null {
  const live = streams.filter(({ kind, received }) => kind === 'live' && received !== null);
  if (live.length === 0) return null;
  return live.reduce<number | null>(
    (longest, { lagSeconds }) =>
      longest === null || lagSeconds === null ? null : Math.max(longest, lagSeconds),
    0,
  );
}
