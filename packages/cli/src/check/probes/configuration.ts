import { problemsOf } from '../../settings/problems.ts';
import type { ProcessName } from '../../settings/processes.ts';
import { ok, type Probe, wrong } from '../probe.ts';

export const configuration = 'configuration';

/** Reads the settings of each kind of process as it does at its start. */
export function configurationProbe(env: NodeJS.ProcessEnv, names: readonly ProcessName[]): Probe {
  return {
    name: configuration,
    needs: [],
    attempt: async () => {
      const problems = problemsOf(env, names);
      if (problems.length === 0) return ok(names.join(', '));
      return wrong(
        problems.join('\n'),
        'Correct it in the environment of these processes; `trunkline config` shows what they read.',
      );
    },
  };
}
