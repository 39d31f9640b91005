export { configurationTable } from './configuration.ts';
