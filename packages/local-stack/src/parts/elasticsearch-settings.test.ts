import { expect, test } from 'vitest';
import {
  elasticsearchArguments,
  elasticsearchContainerEnvironment,
  jvmOptions,
} from './elasticsearch-settings.ts';

const instance = {
  httpPort: 9201,
  transportPort: 9301,
  dataFolder: '/s/data',
  logFolder: '/s/logs',
  settings: {},
};

function settingsOf(args: readonly string[]): string[] {
  return args.filter((_, place) => place % 2 === 1);
}

test('a node of this machine listens on loopback only, alone, without disk watermarks', () => {
  expect(settingsOf(elasticsearchArguments(instance))).toEqual(
    expect.arrayContaining([
      'discovery.type=single-node',
      'http.host=127.0.0.1',
      'http.port=9201',
      'transport.host=127.0.0.1',
      'transport.port=9301',
      'path.data=/s/data',
      'cluster.routing.allocation.disk.threshold_enabled=false',
    ]),
  );
});

test('a setting of the caller takes the place of the usual one', () => {
  const settings = { 'cluster.name': 'mine' };
  const all = settingsOf(elasticsearchArguments({ ...instance, settings }));
  expect(all.filter((one) => one.startsWith('cluster.name='))).toEqual(['cluster.name=mine']);
  expect(elasticsearchContainerEnvironment({ heapMegabytes: 768 }, settings)).toMatchObject({
    'cluster.name': 'mine',
    ES_JAVA_OPTS: '-Xms768m -Xmx768m',
  });
});

test('one that runs for minutes is spared the second compiler, any other has it', () => {
  expect(jvmOptions({ shortLived: true })).toBe('-Xms512m -Xmx512m -XX:TieredStopAtLevel=1');
  expect(jvmOptions({})).toBe('-Xms512m -Xmx512m');
});
