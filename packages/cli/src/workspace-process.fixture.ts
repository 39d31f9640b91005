/**
 * Another package of the workspace as a process. A command's package imports neither the simulator nor the indexer; a test runs
 * them as an operator's machine would.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export class WorkspaceProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];

  constructor(name: string, env: Record<string, string>) {
    const main = fileURLToPath(new URL(`../../${name}/src/main.ts`, import.meta.url));
    this.#child = spawn(process.execPath, ['--conditions=@trunkline/source', main], {
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: process.env['HOME'] ?? '',
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#lines.push(line));
    }
  }

  /** The first line that it writes with this event. */
  async line(event: string): Promise<Record<string, unknown>> {
    const deadline = Date.now() + 120_000;
    for (;;) {
      const found = this.#lines.map(parsed).find((line) => line['event'] === event);
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`no ${event} from the process; it wrote:\n${this.#lines.join('\n')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

function parsed(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {};
  }
}
