export { type IndexerConfig, indexerSettings } from './config.ts';
export { runIndexer } from './indexer.ts';
