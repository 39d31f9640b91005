export { fetcherSettings, loadFetcherSettings } from './config.ts';
