import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type VirtualClock } from '../clock/virtual-clock.js';
import { type ArmedFault } from '../faults/fault-plan.js';
import { type ApplicationClock } from '../platform/application-clocks.js';
import { type Language, type Say, sayIn } from './language.js';

/** What was wrong with a form that was sent, so that the page can say it beside the field. */
export interface FormProblem {
  /** Where the form was sent. */
  readonly action: string;
  /** The name of the field; absent when no field is to blame. */
  readonly field?: string;
  readonly message: string;
  /** What was filled in. */
  readonly values: Readonly<Record<string, string>>;
}

/** What every page shows besides its own content. */
export interface Surroundings {
  /** The page's own path and query, from which its live parts are fetched again. */
  readonly path: string;
  /** By which address the browser has reached the emulator. */
  readonly origin: string;
  readonly language: Language;
  readonly clock: Pick<VirtualClock, 'now' | 'stopped' | 'nextTimerAt'>;
  /** Whether other machines may reach it. */
  readonly isOpenToOthers: boolean;
  readonly armed: readonly ArmedFault[];
  readonly differing: readonly ApplicationClock[];
  readonly problem?: FormProblem;
}

/** Hands the surroundings to every part of a page. */
export const AROUND = createContext<Surroundings | undefined>(undefined);

/** The surroundings of the page that a part is on, and its words. */
export function useConsole(): Surroundings & { readonly say: Say } {
  const around = useContext(AROUND);
  if (!around) throw new Error('A part of the console is outside of a page.');
  return { ...around, say: sayIn(around.language) };
}
