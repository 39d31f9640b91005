export { fetcherSettings } from './config.ts';
