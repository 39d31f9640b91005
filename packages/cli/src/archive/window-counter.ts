import type { Progress } from '../terminal/progress.ts';
import { counted } from '../terminal/text.ts';

/** Tells how many windows have been looked at. */
export function windowCounter(what: string, progress: Progress): () => void {
  let windows = 0;
  return () => {
    windows += 1;
    progress.at({ what, share: null, detail: counted(windows, 'window') });
  };
}
