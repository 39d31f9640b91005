import { freePort } from '@trunkline/local-stack';
import { SimulatorControl } from '@trunkline/simulator';
import { BenchProcess } from './processes.ts';
import { until } from './until.ts';

/** Seconds by which the clock moves behind events that were added, so that they count as a backlog, not as the stream's head. */
const pastSeconds = 30;

/** A simulated Genesys Cloud in a process of its own: events come when the benchmark says so, or at a steady rate. */
export class Source implements AsyncDisposable {
  readonly url: string;
  readonly control: SimulatorControl;
  readonly process: BenchProcess;

  private constructor(url: string, process: BenchProcess) {
    this.url = url;
    this.process = process;
    this.control = new SimulatorControl(url);
  }

  /** @param rate events a second that appear by themselves */
  static async start(folder: string, rate: number, profile: string | null = null): Promise<Source> {
    const port = await freePort();
    const process = await BenchProcess.start({
      program: 'simulator',
      name: 'simulator',
      env: {
        SIMULATOR_PORT: String(port),
        SIMULATOR_RATE: String(rate),
        SIMULATOR_BACKLOG: '0',
        // Noon: no measurement meets midnight, and the indexer has made today's index beforehand, as in normal operation.
        ...(rate === 0
          ? { SIMULATOR_CLOCK_ORIGIN: `${new Date().toISOString().slice(0, 10)}T12:00:00Z` }
          : {}),
      },
      folder,
      profile,
    });
    const source = new Source(`http://127.0.0.1:${port}`, process);
    await until('the simulator answers', async () => {
      process.requireRunning();
      return source.control.state().then(
        () => true,
        () => false,
      );
    });
    return source;
  }

  /**
   * Puts events into the stream, all at once, their pages written: as the ceiling has its bodies ready, Genesys has its events.
   * @returns the position of the first
   */
  async add(count: number): Promise<number> {
    const { head } = await this.control.state();
    await this.control.changeStream({ addEvents: count, writePages: true });
    await this.control.changeClock({ shiftSeconds: pastSeconds });
    return head;
  }

  /** When the first event from a position on was served, ms since 1970. */
  async firstServedAt(position: number): Promise<number> {
    for await (const event of this.control.events({ after: position - 1, limit: 100 })) {
      if (event.firstServedAt !== null) return event.firstServedAt;
    }
    throw new Error(`No event from position ${position} on was served.`);
  }

  /** The source texts of the events from a position on, those that the usual filter leaves out aside. */
  async texts(position: number): Promise<string[]> {
    const texts: string[] = [];
    for await (const event of this.control.events({ after: position - 1, source: true })) {
      if (!event.filtered) texts.push(event.source as string);
    }
    return texts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }
}
