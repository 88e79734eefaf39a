import { type Schema, type Schemas } from './described.js';

const text = (description?: string): Schema => ({ type: 'string', ...(description ? { description } : {}) });
const whole = (description?: string): Schema => ({ type: 'integer', ...(description ? { description } : {}) });
const moment = (description: string): Schema => ({ type: 'string', format: 'date-time', description });
const flag = (description: string): Schema => ({ type: 'boolean', description });
const texts = (description: string): Schema => ({ type: 'array', items: { type: 'string' }, description });

function object(properties: Schemas, optional: readonly string[] = []): Schema {
  return { type: 'object', properties, required: Object.keys(properties).filter((name) => !optional.includes(name)) };
}

type Name =
  | 'Account'
  | 'Transfer'
  | 'Order'
  | 'NotificationAttempt'
  | 'JournalEntry'
  | 'Clock'
  | 'ClockEvent'
  | 'ApplicationClock'
  | 'FreshSession'
  | 'ArmedFault'
  | 'Merchant'
  | 'Problem';

const STATES = ['unpaid', 'paying', 'paid', 'failed', 'closed'];

/** What the control API answers with, by name, for its OpenAPI document. */
const SCHEMAS: Record<Name, Schema> = {
  Account: object({
    number: text('14 digits'),
    bankCode: text(),
    bankName: text(),
    branchCode: text(),
    branchName: text(),
    holder: text(),
  }),
  Transfer: object({
    amount: whole('Whole New Taiwan dollars'),
    payerBankCode: text('Three digits'),
    payerAccount: text('Up to 16 digits'),
    at: moment('When it happened'),
  }),
  Order: object(
    {
      merchantNo: text(),
      orderNo: text(),
      amount: whole('What was asked for, in whole New Taiwan dollars'),
      description: text(),
      returnUrl: text(),
      notificationUrl: text('`backurl`'),
      account: one('Account'),
      openedAt: moment('When the platform accepted it'),
      expiresAt: moment('The last second in which the account is valid'),
      state: { type: 'string', enum: STATES },
      transfer: one('Transfer'),
      earlierTransfers: listOf('Transfer'),
    },
    ['description', 'returnUrl', 'notificationUrl', 'transfer', 'earlierTransfers'],
  ),
  NotificationAttempt: object(
    {
      merchantNo: text(),
      orderNo: text(),
      url: text(),
      notification: whole('Which notification it belongs to'),
      fields: { type: 'object', additionalProperties: { type: 'string' }, description: 'What was sent' },
      attempt: whole('1 for the first'),
      at: moment('When it was sent'),
      latencyMs: { type: 'number', description: 'In milliseconds of real time' },
      replyStatus: whole('The HTTP status of the reply'),
      replyBody: text(),
      error: text(),
      acknowledged: flag('HTTP 200 and exactly `success`'),
      nextAttemptAt: moment('When the platform tries next'),
    },
    ['replyStatus', 'replyBody', 'error', 'nextAttemptAt'],
  ),
  JournalEntry: {
    ...object({
      id: whole('Counts up from 1'),
      at: moment('By the emulator’s clock'),
      kind: { type: 'string', enum: ['request', 'action', 'state', 'fault', 'attempt'] },
    }),
    additionalProperties: true,
    description:
      'Something that happened, with what its kind adds: a `request` its fields and how it ended (the rule it broke, and ' +
      'of a wrong signature the string that was to be signed), an `attempt` the notification attempt, and so on.',
  },
  Clock: object(
    {
      now: moment('What it shows'),
      stopped: flag('It stands still'),
      nextTimerAt: moment('When something is due next'),
    },
    ['nextTimerAt'],
  ),
  ClockEvent: object({
    now: moment('What it shows'),
    stopped: flag('It stands still'),
    follower: text('Names the follower, in the path of its confirmations'),
    step: whole('Counts the events of this stream'),
  }),
  ApplicationClock: object({
    merchantNo: text(),
    application: text('The origin of its `backurl`, or the address that it calls from'),
    aheadMs: whole('How far its clock is ahead, in milliseconds; negative when it is behind'),
  }),
  FreshSession: object({ keptIn: text('The file that has the session before: read it with `--data`') }),
  ArmedFault: object({
    id: text('Names it, to disarm it'),
    fault: { type: 'object', additionalProperties: true, description: 'Its kind and what belongs to it' },
    trigger: { type: 'object', additionalProperties: true, description: 'When it strikes' },
    struck: whole('On how many occasions it struck'),
  }),
  Merchant: object(
    {
      merchantNo: text(),
      keyIds: texts('All verify what the merchant sends; the first signs what the platform sends. Keys are not shown.'),
      allowedSources: texts('Absent when every address is allowed'),
    },
    ['allowedSources'],
  ),
  Problem: object({ code: text('Stable'), message: text('What to do about it') }),
};

/** All of them, to be put into a document. */
export const API_SCHEMAS: Schemas = SCHEMAS;

/** A reference to one of them. */
export function one(name: Name): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

/** A list of references to one of them. */
export function listOf(name: Name): { type: 'array'; items: { $ref: string } } {
  return { type: 'array', items: one(name) };
}
