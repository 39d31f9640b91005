import type { ChainPlace, ComplianceChain } from './compliance-chain.ts';
import type { Finding } from './finding.ts';

/** What the chain says of one window's manifest. */
interface ManifestOnRecord {
  hasSuccess: boolean;
  checksum: string | null;
  /** Digest of the manifest, by its revision. */
  digests: Map<number, string>;
}

export interface ChainVerdict {
  entries: number;
  last: ChainPlace | null;
  /** Entries whose key was not at hand: whether they were altered cannot be said. */
  unknownKey: number;
  findings: Finding[];
  windows: Map<string, ManifestOnRecord>;
}

/**
 * Reads the whole chain.
 *
 * What it proves: no entry was altered, none was put between or taken from between. A tail that was cut off shows where anything
 * remembers more: the head, the copy in Elasticsearch (`witness`), a manifest whose record is gone. Where all of them were set
 * back together it does not show; Object Lock on `compliance/` is against that.
 *
 * @param witness the last entry that somebody else knows of; `null`: nobody was asked
 */
export async function judgeChain(
  chain: ComplianceChain,
  witness: ChainPlace | null,
  signal?: AbortSignal,
): Promise<ChainVerdict> {
  const verdict: ChainVerdict = { entries: 0, last: null, unknownKey: 0, findings: [], windows: new Map() };
  const find = (kind: Finding['kind'], key: string | null, message: string): void => {
    verdict.findings.push({ kind, key, windowId: null, message });
  };
  const records = new Set<string>();
  let expected = 1;
  let before: string | null = null;
  for await (const { seq, key, opened } of chain.read(1, signal)) {
    verdict.entries += 1;
    const isNext = seq === expected;
    if (!isNext)
      find('chain-gap', key, `The entries ${expected} to ${seq - 1} of the compliance chain are missing.`);
    expected = seq + 1;
    if (opened.kind === 'altered') {
      find('chain-altered', key, `${key} was altered, or is no entry of this chain.`);
      before = null;
      verdict.last = null;
      continue;
    }
    const { entry, digest } = opened;
    if (opened.kind === 'unknown-key') verdict.unknownKey += 1;
    if (entry.seq !== seq) find('chain-altered', key, `${key} is the entry ${entry.seq}, moved there.`);
    // After a gap or an altered entry there is nothing that its link could be compared with.
    const isComparable = seq === 1 || (isNext && verdict.last !== null);
    if (isComparable && entry.previous !== before) {
      find('chain-altered', key, `${key} does not follow the entry before it: one of the two was exchanged.`);
    }
    if (records.has(entry.record.recordId)) {
      find(
        'chain-repeated',
        key,
        `${key} holds the record ${entry.record.recordId}, which stands in the chain before.`,
      );
    }
    records.add(entry.record.recordId);
    note(verdict.windows, entry.record);
    before = digest;
    verdict.last = { seq, digest };
  }
  for (const [name, known] of [
    ['the head of the chain', await chain.head(signal)],
    ['the copy outside the bucket', witness],
  ] as const) {
    if (known === null) continue;
    if (known.seq >= expected) {
      find(
        'chain-cut',
        null,
        `The chain ends at ${expected - 1}, and ${name} knows of entry ${known.seq}: its end was cut off.`,
      );
    } else if (verdict.last?.seq === known.seq && verdict.last.digest !== known.digest) {
      find('chain-altered', null, `The last entry of the chain is another one than ${name} knows.`);
    }
  }
  return verdict;
}

function note(windows: ChainVerdict['windows'], record: { conversationId: string } & RecordFacts): void {
  const { windowId, manifestRevision, manifestSha256 } = record.details;
  if (record.status !== 'SUCCESS' || typeof windowId !== 'string') return;
  const known = windows.get(windowId) ?? { hasSuccess: false, checksum: null, digests: new Map() };
  if (record.action === 'ARCHIVE_OFFLOAD' && record.conversationId === windowId) {
    known.hasSuccess = true;
    known.checksum = record.checksum;
  }
  if (typeof manifestRevision === 'number' && typeof manifestSha256 === 'string') {
    known.digests.set(manifestRevision, manifestSha256);
  }
  windows.set(windowId, known);
}

interface RecordFacts {
  status: string;
  action: string;
  checksum: string | null;
  details: Record<string, string | number | boolean | null>;
}
