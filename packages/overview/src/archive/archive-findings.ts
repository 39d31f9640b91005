import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_NOTIFY,
  ARCHIVE_REDACT,
  ARCHIVE_UPLOAD,
  ARCHIVE_WINDOW,
  type QueueName,
} from '@trunkline/contracts';
import { bad, type Finding, look } from '../finding.ts';
import type { Picture } from '../picture.ts';
import { archiveInUse } from './in-use.ts';
import { planned } from './plan.ts';

/** Who works for which queues, and what its absence means. */
const kinds: readonly { service: string; queues: readonly QueueName[]; means: string }[] = [
  { service: 'redactor', queues: [ARCHIVE_REDACT], means: 'Batches of conversations wait in the stage.' },
  {
    service: 'uploader',
    queues: [ARCHIVE_UPLOAD, ARCHIVE_WINDOW, ARCHIVE_COMPLIANCE, ARCHIVE_NOTIFY],
    means: 'Nothing reaches the bucket.',
  },
];

/** A window that is due for so long and not archived is worth a look (ms). */
const overdueMs = 3 * 86_400_000;

const dayMs = 86_400_000;

/** What is the matter with the archive alone; nothing where this deployment has none. */
export function archiveFindings(picture: Picture): Finding[] {
  if (!archiveInUse(picture)) return [];
  const missing = kinds
    .filter(({ service }) => !picture.processes.some((process) => process.service === service))
    .map(({ service, queues, means }) =>
      waits(picture, queues)
        ? bad({ title: `No ${service} is alive`, detail: means, remedy: 'Start one.' })
        : look({
            title: `No ${service} is alive`,
            detail: 'Nothing waits for it yet.',
            remedy: 'Start one before the next window is due.',
          }),
    );
  return [...missing, ...overdue(picture)];
}

/** What Genesys did not give of archived windows, and what is still waited for. */
export function missingTextFindings(picture: Picture): Finding[] {
  return [...waitingForTexts(picture), ...withoutTexts(picture)];
}

/** Windows that wait for texts of their conversations. By then nothing is in the making that takes its usual time. */
function waitingForTexts({ archive, takenAt }: Picture): Finding[] {
  const waiting = archive.heldBack.filter(
    ({ code, since }) => code === 'ARCHIVE_TEXT_NOT_READY' && takenAt - Date.parse(since) >= dayMs,
  );
  const [first] = waiting;
  if (first === undefined) return [];
  const goesOn =
    first.goesOnAt === null
      ? 'It waits until a person releases it.'
      : `It goes on without at ${first.goesOnAt}.`;
  return [
    look({
      title: `Windows of the archive wait for texts that Genesys does not give: ${waiting.length}`,
      detail: `The first is ${first.windowId}: ${first.why} ${goesOn}`,
      remedy:
        'Ask Genesys Cloud Care for the texts. Where they will not come: trunkline archive release WINDOW --reason "...", or the page of the window.',
      place: { kind: 'window', windowId: first.windowId },
    }),
  ];
}

/** Told for a week: the manifests tell it for good. */
function withoutTexts({ archive, takenAt }: Picture): Finding[] {
  const incomplete = archive.windows.filter(
    ({ missingTexts, at }) => (missingTexts ?? 0) > 0 && takenAt - Date.parse(at) < 7 * dayMs,
  );
  const [first] = incomplete;
  if (first === undefined) return [];
  const texts = incomplete.reduce((sum, { missingTexts }) => sum + (missingTexts ?? 0), 0);
  return [
    look({
      title: `Windows were archived without texts that Genesys did not give: ${incomplete.length}`,
      detail: `${texts} texts are missing; the newest window is ${first.windowId}. Their documents name each (missingTexts).`,
      remedy:
        'When Genesys has them: trunkline archive again WINDOW --reason "...", or the page of the window.',
      place: { kind: 'window', windowId: first.windowId },
    }),
  ];
}

function overdue({ processes, takenAt }: Picture): Finding[] {
  const plan = planned(processes);
  if (plan?.watermark == null || plan.unfinished === 0 || takenAt - plan.watermark < overdueMs) return [];
  return [
    look({
      title: `Windows of the archive are overdue: ${plan.unfinished} are not done`,
      ...(plan.oldest === null ? {} : { detail: `The oldest is ${plan.oldest}.` }),
      remedy: 'Look at the failed jobs of the archive; where there are none, at what its workers wait for.',
    }),
  ];
}

function waits({ queues }: Picture, names: readonly QueueName[]): boolean {
  return queues.some(
    ({ name, waiting, active, delayed }) => names.includes(name) && waiting + active + delayed > 0,
  );
}
