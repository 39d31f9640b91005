import type { VerifyReport } from '@trunkline/archive-store';
import { counted, printable } from '../terminal/text.ts';

/** What holds, what does not, and what could not be proven. */
export function verifyText(report: VerifyReport): string {
  const { windows, objects, conversations, chainEntries, findings, limits, incomplete } = report;
  const read = [
    counted(windows, 'window'),
    counted(objects, 'object'),
    counted(conversations, 'conversation'),
    counted(report.bytes, 'byte'),
    counted(chainEntries, 'entry of the compliance chain', 'entries of the compliance chain'),
  ];
  const verdict =
    findings.length === 0
      ? 'everything holds'
      : `${counted(findings.length, 'thing does', 'things do')} not hold`;
  return [
    `read: ${read.join(', ')}`,
    verdict,
    ...findings.map(({ kind, message }) => `  ${kind}: ${printable(message, 1_000)}`),
    ...incomplete.map(
      ({ windowId, missingTexts, release }) =>
        `archived without ${counted(missingTexts, 'text')}: ${windowId}${release === null ? '' : `, released by ${printable(release.by ?? 'ARCHIVE_TEXT_WAIT_SECONDS')}: ${printable(release.reason, 300)}`}`,
    ),
    ...limits.map((limit) => `not proven: ${printable(limit, 1_000)}`),
    '',
  ].join('\n');
}
