import { type Part, type PartSource, startElasticsearch, startRedis } from '@trunkline/local-stack';

/** Never one that the environment names: what is started here is stopped, emptied and broken. */
const sources: readonly PartSource[] = ['docker', 'binary', 'download'];

/** A part of a test's own, ended with it. */
export interface OwnPart extends Part, AsyncDisposable {}

/** @param settings more settings, as `redis-server` takes them */
export async function ownRedis(...settings: string[]): Promise<OwnPart> {
  return disposable(await startRedis({ sources, settings }));
}

/** A start takes ten seconds and more: one for all tests of a file. */
export async function ownElasticsearch(): Promise<OwnPart> {
  return disposable(await startElasticsearch({ sources, shortLived: true }));
}

function disposable(part: Part): OwnPart {
  return Object.assign(part, { [Symbol.asyncDispose]: () => part.stop() });
}
