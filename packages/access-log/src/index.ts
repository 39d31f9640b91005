export { type AccessEntry, AccessLog, type NewAccessEntry, turnedAway } from './access-log.ts';
