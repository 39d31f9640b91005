import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const oldestJava = 17;

export interface Java {
  home: string;
  major: number;
}

/**
 * Reads `java -XshowSettings:properties -version`: its home and its major version.
 * @returns null where the text names neither
 */
export function readJavaProperties(text: string): Java | null {
  const home = /^\s*java\.home = (.+)$/m.exec(text)?.[1]?.trim();
  const version = /^\s*java\.specification\.version = (?:1\.)?(\d+)/m.exec(text)?.[1];
  return home === undefined || version === undefined ? null : { home, major: Number(version) };
}

/**
 * The Java that can run Elasticsearch (17 or newer): of `ES_JAVA_HOME`, `JAVA_HOME`, then PATH.
 * @returns `java`, or what was found instead, one sentence for each place
 */
export async function findJava(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<{ java: Java } | { java: null; found: string[] }> {
  const places = [
    ...['ES_JAVA_HOME', 'JAVA_HOME'].flatMap((name) => {
      const home = environment[name];
      return home === undefined || home === '' ? [] : [{ name, command: path.join(home, 'bin', 'java') }];
    }),
    { name: 'PATH', command: 'java' },
  ];
  const found: string[] = [];
  for (const place of places) {
    try {
      const { stderr, stdout } = await run(place.command, ['-XshowSettings:properties', '-version'], {
        timeout: 20_000,
        env: environment,
      });
      const java = readJavaProperties(stderr + stdout);
      if (java !== null && java.major >= oldestJava) return { java };
      found.push(
        java === null
          ? `${place.name}: its java does not tell its version`
          : `${place.name}: Java ${java.major}, needed is ${oldestJava} or newer`,
      );
    } catch {
      found.push(`${place.name}: no java that starts`);
    }
  }
  return { java: null, found };
}
