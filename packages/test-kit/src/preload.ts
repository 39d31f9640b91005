import path from 'node:path';

/** Changes to a process that only a test makes, loaded before its own code; each file of `preload/` says what it does. */
export type Preload = 'shifted-clock' | 'blocked-loop' | 'full-disk' | 'poison' | 'refused-conversation';

/** Options for Node that load it. */
export function preloaded(name: Preload): string[] {
  // The same from sources and from dist.
  const extension = path.extname(import.meta.url);
  return ['--import', new URL(`./preload/${name}${extension}`, import.meta.url).href];
}
