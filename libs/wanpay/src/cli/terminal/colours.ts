import { styleText } from 'node:util';
import type { CommandContext, Output } from '../context.js';

const SIGNS = { '✓': 'green', '✗': 'red', '!': 'yellow', '-': 'gray', '→': 'cyan' } as const;
/** A finding's sign at the beginning of a line, or the arrow of advice. */
const SIGN = /^([✓✗!-])(?= )|^( +)(→)(?= )/gmu;

/** Whether a stream shows colours: `FORCE_COLOR` and `NO_COLOR` say so, or it is a terminal that is not dumb. */
export function hasColours({ isTTY = false }: Output, { FORCE_COLOR, NO_COLOR, TERM }: CommandContext['env']): boolean {
  if (FORCE_COLOR !== undefined) return !['0', 'false'].includes(FORCE_COLOR);
  if (NO_COLOR) return false;
  return isTTY && TERM !== 'dumb';
}

/** Colours the signs of findings and of advice. The text has been cleaned before: what strangers wrote brings no colours. */
export function colourSigns(text: string): string {
  return text.replaceAll(SIGN, (whole, sign: string | undefined, indent = '') => {
    const shown = sign ?? '→';
    return isSign(shown) ? `${indent}${styleText(SIGNS[shown], shown, { validateStream: false })}` : whole;
  });
}

export function inRed(text: string): string {
  return styleText('red', text, { validateStream: false });
}

export function inBold(text: string): string {
  return styleText('bold', text, { validateStream: false });
}

function isSign(text: string): text is keyof typeof SIGNS {
  return Object.hasOwn(SIGNS, text);
}
