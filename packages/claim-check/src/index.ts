export { Keyring } from './keyring.ts';
export { RedisPayloads } from './redis-payloads.ts';
