import { loadSettings } from '@trunkline/service';
import { tokenizationKeySettings } from '../config.ts';
import { type ExitCode, exitCodes } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { tokenizationKeySteps } from './steps.ts';

export function tellOfTokenizationKey(io: CommandIo, { json }: { json: boolean }): ExitCode {
  const { keyId } = loadSettings(tokenizationKeySettings, io.env).tokens;
  const steps = tokenizationKeySteps(keyId);
  if (json) {
    io.out.write(`${JSON.stringify({ v: 1, keyId, steps })}\n`);
    return exitCodes.ok;
  }
  const lines = steps.map((step, place) => `  ${place + 1}. ${step}`);
  io.out.write(
    `${[`Id of the key in use: ${keyId ?? 'none (TOKENIZATION_KEY_ID is not set)'}`, '', ...lines, ''].join('\n')}`,
  );
  return exitCodes.ok;
}
