/** A part that this machine cannot have; the message names everything that was tried and the remedy. */
export class PartUnavailable extends Error {
  override readonly name = 'PartUnavailable';

  /**
   * @param part its name, for example `Elasticsearch`
   * @param tried one sentence for each source that was tried
   * @param remedy what a person does about it
   */
  constructor(part: string, tried: readonly string[], remedy: string) {
    super(
      [`${part} cannot be had on this machine.`, ...tried.map((line) => `  - ${line}`), remedy].join('\n'),
    );
  }
}
