import { SINGLE, type Stage, STAGES, type Step } from './draft.js';
import { Random } from './random.js';
import { FORMS } from './steps/forms.js';
import { FRAMING } from './steps/framing.js';
import { JSONS } from './steps/json.js';
import { MULTIPARTS } from './steps/multipart.js';
import { PACKING } from './steps/packing.js';
import { REQUEST } from './steps/request.js';
import { SAID } from './steps/said.js';
import { SIGNING } from './steps/signing.js';
import { TAMPERING } from './steps/tampering.js';

/** A step with the seed of the choices in it, so that a message stays the same when other steps are left out. */
export interface Chosen {
  readonly step: Step;
  readonly seed: number;
}

/** What a message is made of: it can be written down, and made again. */
export interface Recipe {
  /** Tells the order that the message is about. */
  readonly index: number;
  readonly steps: readonly Chosen[];
}

const STEPS: readonly Step[] = [
  ...[SAID, SIGNING, TAMPERING, FORMS, JSONS, MULTIPARTS, PACKING, REQUEST, FRAMING].flat(),
];
const BY_STAGE = new Map(STAGES.map((stage) => [stage, STEPS.filter((step) => step.stage === stage)]));
const FAIR_BY_STAGE = new Map(
  STAGES.map((stage) => [stage, STEPS.filter((step) => step.stage === stage && step.isFair)]),
);

/** In how many of a hundred messages a stage has a step; most messages are changed in few of them. */
const SHARES: Readonly<Record<Stage, number>> = {
  said: 45,
  signing: 15,
  tampering: 35,
  encoding: 50,
  packing: 12,
  request: 15,
  framing: 12,
};
/** Of a hundred messages, so many have fair steps only, and must be accepted. */
const FAIR_MESSAGES = 25;

/** The recipe of one message of a run. */
export function recipeOf(seed: number, index: number): Recipe {
  const random = new Random(seed, index);
  const from = random.chance(FAIR_MESSAGES) ? FAIR_BY_STAGE : BY_STAGE;
  const steps = STAGES.flatMap((stage): Chosen[] => {
    const choices = from.get(stage) ?? [];
    const count = random.chance(SHARES[stage]) ? 1 + (SINGLE.includes(stage) ? 0 : random.below(3)) : 0;
    return Array.from({ length: count }, () => ({ step: random.pick(choices), seed: random.below(1_000_000) }));
  });
  return { index, steps };
}

/** `12 said.status.4711 framing.chunked.42` */
export function writeRecipe({ index, steps }: Recipe): string {
  return [index, ...steps.map(({ step, seed }) => `${step.name}.${seed}`)].join(' ');
}

/** @throws TypeError for what is no recipe */
export function readRecipe(text: string): Recipe {
  const [index, ...names] = text.trim().split(/\s+/);
  return { index: Number(index), steps: names.map(readStep) };
}

function readStep(text: string): Chosen {
  const end = text.lastIndexOf('.');
  const step = STEPS.find(({ name }) => name === text.slice(0, end));
  if (!step) throw new TypeError(`There is no step called ${text}.`);
  return { step, seed: Number(text.slice(end + 1)) };
}
