export { type UploaderConfig, uploaderSettings } from './config.ts';
