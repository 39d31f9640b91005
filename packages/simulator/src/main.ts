import { optionsFrom, WrongOptions } from './options.ts';
import { startSimulator } from './simulator.ts';

/** The simulator as a process: settings from the environment, one JSON line on stdout when it listens. */

/** EX_CONFIG of sysexits.h, as in every process of Trunkline. */
const EXIT_CONFIGURATION = 78;

function leave(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof WrongOptions ? EXIT_CONFIGURATION : 1);
}

try {
  const options = optionsFrom(process.env);
  const simulator = await startSimulator(options);
  const stop = () => {
    void simulator.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (simulator.continued && simulator.seed !== options.seed) {
    process.stderr.write(
      `${options.dataDir} continues the stream of seed "${simulator.seed}"; remove it to begin one of seed "${options.seed}".\n`,
    );
  }
  process.stdout.write(`${JSON.stringify({ event: 'simulator.listening', url: simulator.url })}\n`);
} catch (error) {
  leave(error);
}
