import { SettingsProblems } from '@trunkline/service';
import { type ProcessName, processes } from './processes.ts';

/** Each problem of the settings once, with the kinds of process that would not start for it. */
export function problemsOf(env: NodeJS.ProcessEnv, names: readonly ProcessName[]): string[] {
  const found = new Map<string, ProcessName[]>();
  for (const name of names) {
    for (const problem of new Set(problemsOfProcess(env, name))) {
      found.set(problem, [...(found.get(problem) ?? []), name]);
    }
  }
  return [...found].map(([problem, meant]) => `${problem} (${meant.join(', ')})`);
}

function problemsOfProcess(env: NodeJS.ProcessEnv, name: ProcessName): readonly string[] {
  try {
    processes[name].load(env);
    return [];
  } catch (error) {
    if (error instanceof SettingsProblems) return error.problems;
    throw error;
  }
}
