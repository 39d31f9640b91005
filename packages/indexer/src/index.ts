export { type IndexerConfig, indexerSettings, loadIndexerSettings } from './config.ts';
export { runIndexer } from './indexer.ts';
