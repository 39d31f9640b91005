import { EventStreamsSource, GenesysConnection, genesysDefaults } from '@trunkline/genesys';
import type { TakenPage } from './deployment.fixture.ts';
import { WorkspaceProcess } from './workspace-process.fixture.ts';

/** The Genesys Cloud simulator, still unless it is told otherwise. */
export class SimulatorProcess implements AsyncDisposable {
  readonly url: string;
  readonly #process: WorkspaceProcess;

  private constructor(process: WorkspaceProcess, url: string) {
    this.#process = process;
    this.url = url;
  }

  static async start(options: Record<string, string> = {}): Promise<SimulatorProcess> {
    const process = new WorkspaceProcess('simulator', {
      SIMULATOR_RATE: '0',
      SIMULATOR_BACKLOG: '250',
      SIMULATOR_BACKLOG_HOURS: '6',
      ...options,
    });
    return new SimulatorProcess(process, String((await process.line('simulator.listening'))['url']));
  }

  /** Its control API, as its README lists it. */
  async control(path: string, body: unknown): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.url}/_simulator/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`the simulator answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  }

  /** What a fetcher reads from a cursor on until the stream is drained. */
  async pages(
    from: string | null = null,
    filters: typeof genesysDefaults.filters | [] = genesysDefaults.filters,
  ): Promise<TakenPage[]> {
    const settings = {
      ...genesysDefaults,
      apiBase: this.url,
      loginBase: this.url,
      clientId: 'simulator-client',
      clientSecret: 'simulator-secret',
      ratePerSecond: 0,
      filters,
    };
    await using connection = new GenesysConnection(settings, {
      redis: null,
      keyPrefix: '',
      onWait: () => {},
    });
    const source = new EventStreamsSource(connection.call, settings);
    const pages: TakenPage[] = [];
    for (let cursor = from; ; ) {
      const page = await source.nextPage(cursor, AbortSignal.timeout(120_000));
      if (page.eventTexts.length > 0) {
        pages.push({ before: cursor, after: page.nextCursor ?? cursor, texts: page.eventTexts });
      }
      if (page.nextCursor === null) return pages;
      cursor = page.nextCursor;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
