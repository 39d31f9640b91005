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
  jvm: JvmOptions,
  settings: Readonly<Record<string, string>>,
): Record<string, string> {
  return { ...localSettings, ES_JAVA_OPTS: jvmOptions(jvm), ...settings };
}

export interface JvmOptions {
  /** Heap in MB. Default 512. */
  heapMegabytes?: number;
  /**
   * It runs for minutes: what the JVM's second compiler costs would not come back. A start takes two thirds of the CPU time then.
   * Default: false.
   */
  shortLived?: boolean;
}

/** ES_JAVA_OPTS. */
export function jvmOptions({ heapMegabytes = 512, shortLived = false }: JvmOptions): string {
  return `-Xms${heapMegabytes}m -Xmx${heapMegabytes}m${shortLived ? ' -XX:TieredStopAtLevel=1' : ''}`;
}
