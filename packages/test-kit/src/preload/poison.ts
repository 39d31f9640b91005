/**
 * Loaded into an indexer before its own code (`--import`): it dies, as by `kill -9`, when it is about to send an event that the
 * simulator made as poison.
 */
import { AuditSink } from '@trunkline/elasticsearch-sink';

const { bulk } = AuditSink.prototype;

AuditSink.prototype.bulk = function (items, ...rest) {
  if (items.some(({ event }) => event.text.includes('"poison":true'))) process.kill(process.pid, 'SIGKILL');
  return bulk.call(this, items, ...rest);
};
