import { queuePipeline } from '@trunkline/contracts';
import type { Picture } from './picture.ts';
import { streamsOf } from './streams.ts';

/**
 * Whether this deployment indexes audit events. It is taken to, unless its fetchers work for the archive alone, and neither an
 * indexer is alive nor anything of the audit pipeline is there.
 */
export function auditInUse({ processes, queues, totals }: Picture): boolean {
  const fetchers = processes.filter(({ service }) => service === 'fetcher');
  return (
    fetchers.length === 0 ||
    fetchers.some(
      (fetcher) => Object.keys(streamsOf(fetcher)).length > 0 || !('archiveUnfinished' in fetcher.facts),
    ) ||
    processes.some(({ service }) => service === 'indexer') ||
    queues.some(
      ({ name, waiting, active, delayed, failed }) =>
        queuePipeline[name] === 'audit' && waiting + active + delayed + failed > 0,
    ) ||
    Object.values(totals).some((total) => total > 0)
  );
}
