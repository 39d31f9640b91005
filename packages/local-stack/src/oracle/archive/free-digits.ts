import { tokenExpression } from './redaction-difference.ts';

/** A run of nine digits and more that nothing is glued to. */
const digitRun = /(?<![\p{L}\d.])\d{9,}(?![\p{L}\d])/gu;

/**
 * Runs of nine digits and more outside of tokens. Numbers of the simulator that are nobody's hold `000` in every nine neighbouring
 * digits, which no personal number does: those are left out.
 */
export function freeDigits(text: string): string[] {
  return (text.replace(tokenExpression, ' ').match(digitRun) ?? []).filter(isSomebodys);
}

function isSomebodys(run: string): boolean {
  for (let at = 0; at + 9 <= run.length; at++) {
    if (!run.slice(at, at + 9).includes('000')) return true;
  }
  return false;
}
