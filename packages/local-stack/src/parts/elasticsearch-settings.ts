/** Pure: what an Elasticsearch of this machine is told at its start. */

export interface ElasticsearchInstance {
  httpPort: number;
  transportPort: number;
  dataFolder: string;
  logFolder: string;
  settings: Readonly<Record<string, string>>;
}

/**
 * Settings of a single node for work and tests: no security (it listens on loopback only) and no disk watermarks,
 * so that a developer's full disk does not make every index read-only.
 */
const localSettings: Readonly<Record<string, string>> = {
  'discovery.type': 'single-node',
  'xpack.security.enabled': 'false',
  'cluster.name': 'trunkline-local',
  'cluster.routing.allocation.disk.threshold_enabled': 'false',
};

/** The `-E` arguments of `bin/elasticsearch`. */
export function elasticsearchArguments(instance: ElasticsearchInstance): string[] {
  return Object.entries({
    ...localSettings,
    'http.host': '127.0.0.1',
    'http.port': String(instance.httpPort),
    'transport.host': '127.0.0.1',
    'transport.port': String(instance.transportPort),
    'path.data': instance.dataFolder,
    'path.logs': instance.logFolder,
    ...instance.settings,
  }).flatMap(([name, value]) => ['-E', `${name}=${value}`]);
}

/** The environment of the container, which takes settings as variables. */
export function elasticsearchContainerEnvironment(
  heapMegabytes: number,
  settings: Readonly<Record<string, string>>,
): Record<string, string> {
  return { ...localSettings, ES_JAVA_OPTS: heapOptions(heapMegabytes), ...settings };
}

export function heapOptions(heapMegabytes: number): string {
  return `-Xms${heapMegabytes}m -Xmx${heapMegabytes}m`;
}
