export { commandLineSettings } from './config.ts';
export { type ExitCode, exitCodes } from './frame/exit-codes.ts';
export type { CommandIo, Output } from './frame/io.ts';
export { runCommand } from './frame/program.ts';
