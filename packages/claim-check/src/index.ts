export { Keyring, keyIdOf, payloadKeyId } from './keyring.ts';
export { RedisPayloads } from './redis-payloads.ts';
