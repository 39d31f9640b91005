export { loadUploaderSettings, type UploaderConfig, uploaderSettings } from './config.ts';
