/**
 * Names of the Elastic Common Schema under which Kibana and Elastic Security look for what an audit event says. Each is an alias in
 * the mapping, so documents stay as they are.
 *
 * Only what means the same stands here. `event.outcome` and `event.provider` would be `genesys.status` and `genesys.serviceName`, but
 * an alias of a part of a flattened field finds nothing, although Elasticsearch takes it.
 */
export const ecsAliases: ReadonlyMap<string, string> = new Map([
  ['@timestamp', 'date'],
  ['event.id', 'id'],
  ['event.action', 'action'],
  ['event.ingested', 'ingestedAt'],
  ['user.id', 'userId'],
  // Genesys gives one name of a user, that which is displayed. Elastic Security looks at `user.name`.
  ['user.name', 'userName'],
  ['user.full_name', 'userName'],
  ['source.ip', 'ipAddress'],
]);

/** The names at the top of a document that the aliases claim. */
export const ecsRoots: ReadonlySet<string> = new Set(
  [...ecsAliases.keys()].map((alias) => alias.split('.')[0] as string),
);
