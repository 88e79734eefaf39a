import { type Draft, STAGES, valueOf } from './draft.js';
import type { Recipe } from './grammar.js';
import { Random } from './random.js';
import { signatureOf } from './signature.js';
import { encodeForm } from './steps/forms.js';
import { frame } from './steps/framing.js';
import { TARGET } from './steps/request.js';
import { orderOf, OWNERS, type Pair, paidFields } from './world.js';

/** A message that is ready to be sent, and what is known of it. */
export interface Message {
  readonly recipe: Recipe;
  readonly request: Buffer;
  readonly hangsUp: boolean;
  readonly isAlone: boolean;
  readonly isAdmitted: boolean;
  /** Whether it must be accepted. */
  readonly isFair: boolean;
  /** What the owner of a key of the named merchant signed; absent where the signature is nobody's. */
  readonly signed?: readonly Pair[];
}

/** The largest body that is allowed. */
const MAX_BODY = 16 * 1024;
/** Tells hosts which message a request is. */
export const MESSAGE_HEADER = 'x-message';

export function makeMessage(recipe: Recipe): Message {
  const draft = start(recipe);
  for (const stage of STAGES) {
    if (stage === 'signing') draft.signature = signatureOf(draft.said, draft.order.owner.keys[0]);
    if (stage === 'tampering') draft.sent = [...draft.said, ['sign', draft.signature]];
    if (stage === 'encoding') encodeForm(draft);
    if (stage === 'packing') limit(draft);
    if (stage === 'framing') frame(draft);
    for (const { step, seed } of recipe.steps) {
      if (step.stage !== stage) continue;
      draft.isFair &&= step.isFair;
      step.apply(draft, new Random(seed));
    }
  }
  const { request, hangsUp, isAlone, isAdmitted, isFair, signature, said, covered = said } = draft;
  const message = { recipe, request, hangsUp, isAlone, isAdmitted, isFair };
  return isSignedByOwner(covered, signature) ? { ...message, signed: covered } : message;
}

function start({ index }: Recipe): Draft {
  const order = orderOf(index);
  return {
    order,
    said: paidFields(order),
    signature: '',
    covered: undefined,
    sent: [],
    type: undefined,
    packing: undefined,
    body: Buffer.alloc(0),
    method: 'POST',
    target: TARGET,
    headers: [[MESSAGE_HEADER, String(index)]],
    request: Buffer.alloc(0),
    hangsUp: false,
    isAlone: false,
    isAdmitted: true,
    isFair: true,
  };
}

function limit(draft: Draft): void {
  if (draft.body.length > MAX_BODY) draft.isFair = false;
}

/** Whether one of the keys of the merchant that the fields name made a signature over them. */
function isSignedByOwner(fields: readonly Pair[], signature: string): boolean {
  const merchantNo = valueOf(fields, 'orgno');
  const owner = OWNERS.find((each) => each.merchantNo === merchantNo);
  return owner?.keys.some((key) => signatureOf(fields, key) === signature) ?? false;
}
