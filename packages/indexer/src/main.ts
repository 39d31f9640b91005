import { runProcess } from '@trunkline/service';
import { runIndexer } from './indexer.ts';

await runProcess('indexer', () => runIndexer(process.env));
