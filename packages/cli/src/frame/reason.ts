import { UsageError } from './exit-codes.ts';

/** What `--reason` says. @throws UsageError where it says nothing */
export function reasonOf({ reason }: { readonly reason: string }): string {
  const said = reason.trim();
  if (said === '') throw new UsageError('--reason must say why.');
  return said;
}
