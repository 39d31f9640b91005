/**
 * Loaded into a redactor before its own code (`--import`), and by that into its threads: as if its engine could not deal with what the
 * simulator made `deep`.
 */
import { syncBuiltinESMExports } from 'node:module';
import threads, { isMainThread, type WorkerOptions } from 'node:worker_threads';

if (isMainThread) {
  threads.Worker = class extends threads.Worker {
    constructor(file: string | URL, options: WorkerOptions = {}) {
      super(file, { ...options, execArgv: [...(options.execArgv ?? []), '--import', import.meta.url] });
    }
  };
  syncBuiltinESMExports();
} else {
  const { decode } = TextDecoder.prototype;
  TextDecoder.prototype.decode = function (...given) {
    const text = decode.apply(this, given);
    if (text.includes('"deep":')) throw new TypeError('refused in a test');
    return text;
  };
}
