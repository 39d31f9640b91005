import { tmpdir } from 'node:os';
import path from 'node:path';

/** NODE_COMPILE_CACHE of processes that tests start, hundreds of them out of the same files: one leaves its compiled code to the next. */
export const compileCacheFolder = path.join(tmpdir(), 'trunkline-compile-cache');
