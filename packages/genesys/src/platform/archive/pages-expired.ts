import { TrunklineError } from '@trunkline/contracts';

/** The pages of a window cannot be gone on with; a window that begins again has other pages. */
export function pagesExpired(why: string): TrunklineError {
  return new TrunklineError('ARCHIVE_PAGES_EXPIRED', {
    message: `The pages of the window cannot be gone on with: ${why}.`,
    remedy: 'The window is fetched anew.',
  });
}
