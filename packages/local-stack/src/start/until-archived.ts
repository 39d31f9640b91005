import { setTimeout as sleep } from 'node:timers/promises';
import { archiveWindowAt } from '@trunkline/contracts';
import {
  archivedMediaTypes,
  archiveWindowSettings,
  genesysSettings,
  loadSettings,
  settleDelayMs,
} from '@trunkline/service';
import { SimulatorControl } from '@trunkline/simulator';
import type { ArchiveVerdict } from '../oracle/archive/archive-verdict.ts';
import { ArchiveOracle } from './archive-oracle.ts';

/** Where nothing has moved for so long, nothing will. */
const patienceMs = 180_000;

interface ArchiveOptions {
  simulatorUrl: string;
  /** The environment of the uploader. */
  settings: Record<string, string>;
  /** The folder of the processes' logs. */
  logs: string;
  /** Shows where things stand; called about once a second. */
  show: () => Promise<void>;
}

/**
 * Waits until the last window that has ended is archived, recorded and told of, and nothing is under way any more; then compares.
 * Gives up waiting when nothing moves any more: the comparison then says what is missing.
 */
export async function untilArchived({
  simulatorUrl,
  settings,
  logs,
  show,
}: ArchiveOptions): Promise<ArchiveVerdict> {
  const simulator = new SimulatorControl(simulatorUrl);
  await using oracle = new ArchiveOracle(settings, simulator, logs);
  const dueId = await lastWindow(simulator, settings);
  let before = '';
  let movedAt = performance.now();
  for (;;) {
    await show();
    // Jobs first: whatever is archived when none is left was archived by one of them.
    const underWay = await oracle.underWay().catch(() => null);
    const isArchived = await oracle.isArchived(dueId).catch(() => false);
    if (isArchived && underWay !== null && Object.keys(underWay).length === 0) return await oracle.compare();
    const seen = JSON.stringify([underWay, isArchived]);
    if (seen !== before) movedAt = performance.now();
    before = seen;
    if (performance.now() - movedAt > patienceMs) return await oracle.compare();
    await sleep(1_000);
  }
}

/** The id of the last window that is over and has settled, by the simulator's clock. */
async function lastWindow(simulator: SimulatorControl, settings: Record<string, string>): Promise<string> {
  const contract = loadSettings({ contract: genesysSettings.contract }, settings);
  const windows = loadSettings(archiveWindowSettings, settings);
  const { windowMs } = windows;
  const mediaTypes = archivedMediaTypes(windows, contract);
  const settleMs = settleDelayMs(windows, contract);
  const { clock } = await simulator.state();
  return archiveWindowAt(Date.parse(clock.now) - settleMs - windowMs, windowMs, mediaTypes).id;
}
