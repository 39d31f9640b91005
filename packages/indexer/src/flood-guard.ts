/**
 * Tells a cluster that refuses everything (mapping lost, index made by somebody else) from events that are refused for what they
 * are: when batch after batch is refused for good as a whole, dead-lettering on would carry the stream away.
 */
export class FloodGuard {
  readonly #batches: number;
  readonly #events: number;
  #batchesInARow = 0;
  #eventsInARow = 0;

  /** Shuts at this many batches in a row that hold this many events together. */
  constructor(batches: number, events: number) {
    this.#batches = batches;
    this.#events = events;
  }

  get batchesInARow(): number {
    return this.#batchesInARow;
  }

  /** Elasticsearch took an event, or had it already. */
  accepted(): void {
    this.#batchesInARow = 0;
    this.#eventsInARow = 0;
  }

  /**
   * Elasticsearch refused every event of a batch for good.
   * @returns `true`: they are not to be dead-lettered, the gate is to be shut; and so on until it takes one again
   */
  refusedWholly(events: number): boolean {
    this.#batchesInARow++;
    this.#eventsInARow += events;
    return this.#batchesInARow >= this.#batches && this.#eventsInARow >= this.#events;
  }
}
