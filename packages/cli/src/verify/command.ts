import { ComplianceChain, complianceKey, type VerifyReport, verifyArchive } from '@trunkline/archive-store';
import { loadSettings } from '@trunkline/service';
import { Command } from 'commander';
import { withBucket } from '../archive/bucket.ts';
import { daysOf } from '../archive/day-range.ts';
import { windowCounter } from '../archive/window-counter.ts';
import { archiveVerifySettings } from '../config.ts';
import { type ExitCode, exitCodes } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { ofOrganisation } from '../frame/of-organisation.ts';
import { timeRangeOf } from '../frame/time-range.ts';
import { Progress } from '../terminal/progress.ts';
import { verifyText } from './report.ts';
import { askWitness, type Witness } from './witness.ts';

const examples = `
Reads every object of the windows that the range touches, and recomputes its digest; compares manifests, indexes and counts; and
follows the whole compliance chain from its first entry, up to where its copy in Elasticsearch says that it went (with
COMPLIANCE_SEARCH=none Elasticsearch is not asked). Nothing is changed. What could not be proven is said as well.

Exit codes: 0 everything holds; 1 something does not; 2 not completed (something was away); 64 wrong arguments; 78 wrong configuration.

Examples:
  $ trunkline verify archive --from 2026-11-01 --to 2026-12-01
  $ trunkline verify archive --from 2026-11-01 --to 2026-12-01 --json | jq '.findings[].kind'
  $ trunkline verify archive --organisation acme_eu --from 2026-11-01 --to 2026-12-01
`;

export function verifyCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  const archive = ofOrganisation(new Command('archive'), io)
    .description(
      'Recompute digests and compliance chain of a part of the archive, and say what does not hold.',
    )
    .requiredOption('--from <time>', 'begin of the range, ISO 8601 (UTC where no offset stands), inclusive')
    .requiredOption('--to <time>', 'end of the range, ISO 8601, exclusive')
    .option('--json', 'print the report as JSON', false)
    .addHelpText('after', examples)
    .action(async (options) => ended(await verify(io, options)));
  return new Command('verify').description('Prove that what is stored was not altered.').addCommand(archive);
}

async function verify(
  io: CommandIo,
  options: { from: string; to: string; json: boolean },
): Promise<ExitCode> {
  const days = daysOf(timeRangeOf(options));
  const config = loadSettings(archiveVerifySettings, io.env);
  using progress = new Progress(io.err, io.now);
  const { search, index } = config.compliance;
  // Before the chain is read: what is appended meanwhile is no sign of a cut.
  const witness: Witness =
    search === 'none' ? { kind: 'asked', last: null } : await askWitness(io, index, progress);
  const report: VerifyReport = await withBucket(config.s3, (bucket) =>
    verifyArchive(bucket, {
      ...days,
      ...(io.organisation === null ? {} : { organisation: io.organisation }),
      chain: new ComplianceChain(bucket, [complianceKey(config.tokens.key)]),
      witness: witness.kind === 'asked' ? witness.last : null,
      onWindow: windowCounter('Verifying', progress),
    }),
  );
  progress[Symbol.dispose]();
  io.out.write(options.json ? `${JSON.stringify({ v: 1, ...days, ...report })}\n` : verifyText(report));
  if (report.findings.length > 0) return exitCodes.findings;
  return witness.kind === 'asked' ? exitCodes.ok : exitCodes.incomplete;
}
