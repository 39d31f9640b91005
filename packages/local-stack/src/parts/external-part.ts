import type { Part } from './part.ts';

/** A part that the environment names: used as it is, never stopped. */
export function externalPart(name: string, url: string): Part {
  const notOurs = async (): Promise<never> => {
    throw new Error(`${name} was given by the environment: it is not Trunkline's to stop or pause.`);
  };
  return {
    url,
    source: 'environment',
    pid: null,
    stop: async () => {},
    takeDown: notOurs,
    bringUp: notOurs,
    pause: notOurs,
    resume: notOurs,
    onUnexpectedEnd: () => {},
  };
}
