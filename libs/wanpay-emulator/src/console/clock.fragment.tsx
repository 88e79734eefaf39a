import { renderToString } from 'preact-render-to-string';
import { ClockFace, type Surroundings } from './layout.js';

/** What the clock shows, alone: a page asks for it every second. */
export function clockFragment(clock: Surroundings['clock']): string {
  return renderToString(<ClockFace clock={clock} />);
}
