import type { Manifest } from '@trunkline/archive-store';
import type { DeliveredWindow, SimulatorControl } from '@trunkline/simulator';

type MediaTypes = DeliveredWindow['media'];

/** A window that was served whole, or is archived. */
export interface ServedWindow {
  from: string;
  to: string;
  /** `null`: all. */
  media: MediaTypes;
  /** `null`: it is not archived. */
  manifest: Manifest | null;
}

export function windowKey({
  from,
  to,
  media,
}: {
  from: string;
  to: string;
  media: readonly string[] | null;
}): string {
  return [new Date(from).toISOString(), new Date(to).toISOString(), media?.toSorted().join() ?? ''].join(' ');
}

/**
 * By `windowKey`.
 * @param delivered whether the windows that the simulator served whole count, archived or not: only the guide's queries are of windows
 */
export async function servedWindows(
  simulator: SimulatorControl,
  manifests: readonly Manifest[],
  delivered: boolean,
): Promise<Map<string, ServedWindow>> {
  const windows = new Map<string, ServedWindow>();
  for (const { from, to, media, complete } of delivered ? await simulator.archiveWindows() : []) {
    if (complete) windows.set(windowKey({ from, to, media }), { from, to, media, manifest: null });
  }
  for (const manifest of manifests) {
    const { from, to, mediaTypes } = manifest.window;
    const media = mediaTypes as MediaTypes;
    windows.set(windowKey({ from, to, media }), { from, to, media, manifest });
  }
  return windows;
}
